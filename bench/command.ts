import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { startNode } from './nodeProcess';

/** What became of a command. */
export interface Finished<Printed> {
  printed: Printed;
  /** The most memory that it had resident at any time. */
  peakBytes: number;
}

/**
 * Runs the command line as an operator does.
 * @param read takes what it prints
 * @throws when it fails
 */
export async function runCaretally<Printed>(
  databaseUrl: string,
  commandLine: readonly string[],
  read: (output: Readable) => Promise<Printed>,
): Promise<Finished<Printed>> {
  const { child, peakBytes } = startNode('src/cli.js', commandLine, databaseUrl);
  const [printed, complaints, peak, [exitCode]] = await Promise.all([
    read(child.stdout),
    text(child.stderr),
    peakBytes,
    once(child, 'exit'),
  ]);
  if (exitCode !== 0) throw new Error(`caretally ${commandLine.join(' ')}: ${complaints}${printed}`);
  return { printed, peakBytes: peak };
}
