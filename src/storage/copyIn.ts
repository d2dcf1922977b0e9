import { type ClientBase, type Connection, Query } from 'pg';
import type { TableColumns } from './connection';
import type { Columns, Rows } from './dialect';
import { withoutNul } from './withoutNul';

/** What the driver offers of the protocol of COPY, and its types leave out. */
interface CopyingConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Rows are sent as soon as so many characters of them are written, so that the server begins while others are written. */
const pieceCharacters = 1 << 16;

/** The statement that {@link copyIn} runs. */
export function copyText({ table, columns }: TableColumns): string {
  return `copy ${table} (${Object.keys(columns).join(', ')}) from stdin`;
}

/**
 * Runs a statement `copy … from stdin` with its rows. All are sent at once, for a batch takes a few megabytes: of a failure
 * in the middle the server tells when it comes to it, and passes over the rest.
 */
export function copyIn(client: ClientBase, target: TableColumns, rows: Rows): Promise<void> {
  return new Promise((resolve, reject) => {
    const pieces = copyPieces(target.columns, rows);
    client.query(new CopyIn(copyText(target), pieces, (error) => (error ? reject(error) : resolve())));
  });
}

/** The driver leaves it to its queries to answer the server when it asks for rows. */
class CopyIn extends Query {
  constructor(
    text: string,
    private readonly pieces: Iterable<string>,
    callback: (error: Error | undefined) => void,
  ) {
    super(text, callback);
  }

  handleCopyInResponse(connection: CopyingConnection): void {
    for (const piece of this.pieces) connection.sendCopyFromChunk(Buffer.from(piece));
    connection.endCopyFrom();
  }
}

/** Rows in COPY's text format, some at a time. */
export function* copyPieces(columns: Columns, rows: Rows): Generator<string> {
  const cells = Object.values(columns).map((type) => (type === 'text' ? textCell : plainCell));
  let piece = '';
  for (const row of rows) {
    let line = '';
    for (const [index, cell] of cells.entries()) line += (index === 0 ? '' : '\t') + cell(row[index]);
    piece += `${line}\n`;
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function plainCell(value: unknown): string {
  return value === null || value === undefined ? '\\N' : String(value);
}

function textCell(value: unknown): string {
  const text = withoutNul(value);
  return typeof text === 'string'
    ? text.replace(special, (character) => escapes[character] as string)
    : plainCell(text);
}

const special = /[\\\t\n\r]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
