import { text } from 'node:stream/consumers';
import { runCaretally } from './command';

/** The databases of a run. Each is known by the URL that DATABASE_URL takes. */
export interface Databases {
  readonly engine: 'sqlite' | 'postgres';
  /** A database without anything in it. @returns its URL */
  create(name: string): Promise<string>;
  /** A copy of a database that nobody has open. @returns its URL */
  copy(url: string, name: string): Promise<string>;
  remove(url: string): Promise<void>;
  /** What it takes on disk, once nobody has it open. */
  bytes(url: string): Promise<number>;
  /** A connection past the service, for statements to compare with. */
  connect(url: string): Promise<Direct>;
  /** Brings up to date what the engine does by itself sooner or later, so that figures do not depend on when. */
  settle(url: string): Promise<void>;
  /** Where a file of this name lies in the folder of the run. */
  path(name: string): string;
}

export interface Direct {
  /** Runs a statement, which is prepared the first time, and takes all its rows. */
  all(statement: string, values?: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

const seededUrls = new Map<string, Promise<string>>();

/**
 * A database with so many events over five years, by the seed command; made once in a run. Nobody writes to it:
 * whoever wants to takes a copy.
 * @returns its URL
 */
export function seeded(databases: Databases, events: number, caregivers: number): Promise<string> {
  const name = `seeded_${events}_${caregivers}`;
  const url = seededUrls.get(name) ?? seed(databases, name, events, caregivers);
  seededUrls.set(name, url);
  return url;
}

async function seed(databases: Databases, name: string, events: number, caregivers: number): Promise<string> {
  process.stderr.write(`seeding ${events.toLocaleString('en')} events of ${caregivers} caregivers\n`);
  const url = await databases.create(name);
  const plan = ['--events', String(events), '--caregivers', String(caregivers), '--years', '5'];
  await runCaretally(url, ['seed', ...plan], text);
  await databases.settle(url);
  return url;
}
