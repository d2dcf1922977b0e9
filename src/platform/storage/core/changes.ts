/**
 * Names rows of a table by their primary key, or by its leading columns: then every row that begins with them is meant,
 * and by `[]` every row of the table.
 */
export type Key = readonly (number | string)[];

/**
 * What names the rows of one table fits into one message of PostgreSQL, which takes 7,999 bytes. These are about 130
 * events, 370 rows of a rollup or 980 caregivers. What would take more is told by shorter keys, never left out.
 */
const maxKeyBytes = 7_900;

/** Rows that may have changed. They are named and not shown: whoever wants to know reads them again. */
export class Changes {
  /** Every row of every table. */
  static readonly anything = new Changes(true);

  private readonly tables = new Map<string, Keys>();

  constructor(private all = false) {}

  add(table: string, keys: Iterable<Key>): void {
    if (this.all) return;
    let known = this.tables.get(table);
    for (const key of keys) {
      if (!known) {
        known = new Keys();
        this.tables.set(table, known);
      }
      known.add(key);
      if (known.isWhole) return;
    }
  }

  addAll(changes: Changes): void {
    if (changes.all) {
      this.all = true;
      this.tables.clear();
    }
    for (const [table, keys] of changes.tables) this.add(table, keys.values());
  }

  /** The rows of a table that may have changed; none when it is untouched. */
  keysOf(table: string): Key[] {
    return this.all ? [[]] : [...(this.tables.get(table)?.values() ?? [])];
  }

  get isEmpty(): boolean {
    return !this.all && this.tables.size === 0;
  }

  /** One text a table, for other instances. */
  messages(): string[] {
    return [...this.tables].map(([table, keys]) => `[${[JSON.stringify(table), ...keys.texts()].join(',')}]`);
  }

  /** Reads what {@link messages} wrote. Whatever else is said there, by another version perhaps, may mean anything. */
  static ofMessage(message: string): Changes {
    try {
      const [table, ...keys]: [string, ...Key[]] = JSON.parse(message);
      if (typeof table !== 'string' || !keys.every(Array.isArray)) return Changes.anything;
      const changes = new Changes();
      changes.add(table, keys);
      return changes;
    } catch {
      return Changes.anything;
    }
  }
}

/** Keys of one table. When they become too long, they all lose their last column, and those that are now equal fold. */
class Keys {
  private readonly byText = new Map<string, Key>();
  private bytes = 0;
  /** How many columns of a key are kept. */
  private columns = Number.POSITIVE_INFINITY;
  private last: Key | undefined;

  add(key: Key): void {
    // Rows of one caregiver come one after the other, and are soon told by their caregiver alone.
    if (this.isLikeLast(key)) return;
    this.last = key;
    const kept = key.length > this.columns ? key.slice(0, this.columns) : key;
    const text = JSON.stringify(kept);
    if (this.byText.has(text)) return;
    this.byText.set(text, kept);
    this.bytes += Buffer.byteLength(text) + 1;
    if (this.bytes > maxKeyBytes) this.shorten();
  }

  /** Every row of the table is meant: more keys say nothing more. */
  get isWhole(): boolean {
    return this.columns === 0;
  }

  texts(): Iterable<string> {
    return this.byText.keys();
  }

  values(): Iterable<Key> {
    return this.byText.values();
  }

  private isLikeLast(key: Key): boolean {
    if (!this.last || key.length < this.columns) return false;
    for (let index = 0; index < this.columns; index += 1) {
      if (key[index] !== this.last[index]) return false;
    }
    return true;
  }

  private shorten(): void {
    const keys = [...this.byText.values()];
    this.columns = Math.max(...keys.map((key) => key.length)) - 1;
    this.byText.clear();
    this.bytes = 0;
    this.last = undefined;
    for (const key of keys) this.add(key);
  }
}
