import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Reader } from '../storage/database';
import type { ExportTable } from './exportTable';
import { exportText } from './exportText';
import type { FormatName } from './formats';

/**
 * Opens an export as a stream of text, all of it out of one snapshot. The snapshot and its connection are held until
 * the stream has ended or is destroyed.
 * @returns once the first page is read, so that what fails at once fails before anything is sent
 * @throws AppError OVERLOADED, UNAVAILABLE
 */
export function openExport(database: Reader, table: ExportTable, format: FormatName): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const reading = database.readLong(async (snapshot) => {
      const text = exportText(snapshot, table, format);
      const first = await text.next();
      const stream = Readable.from(chain(first.value as string, text));
      resolve(stream);
      // Its failure reaches whoever reads the stream.
      await finished(stream).catch(() => undefined);
    });
    reading.catch(reject);
  });
}

async function* chain(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
