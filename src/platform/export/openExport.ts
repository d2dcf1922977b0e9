import type { Readable } from 'node:stream';
import type { Reader } from '../storage/core/database';
import type { ExportTable } from './exportTable';
import { exportText } from './exportText';
import type { FormatName } from './formats';
import { type Spool, SpooledText } from './spool';

/**
 * Opens an export as a stream of text, all of it from one snapshot. The snapshot and its connection are held until
 * everything has been read from the database, or the stream is destroyed. A slow reader of the stream does not prolong that.
 * @param onProgress told of the number of rows that are read so far
 * @returns once the first page is read, so that what fails at once fails before anything is sent
 * @throws AppError OVERLOADED, UNAVAILABLE
 */
export function openExport(
  database: Reader,
  table: ExportTable,
  format: FormatName,
  spool: Spool,
  onProgress?: (rows: number) => void,
): Promise<Readable> {
  return new Promise((resolve, reject) => {
    let stream: SpooledText | undefined;
    const reading = database.readLong(async (snapshot) => {
      const text = exportText(snapshot, table, format, onProgress);
      const first = await text.next();
      stream = new SpooledText(spool);
      // An error event that nobody listens for ends the process, and nobody listens yet. Later readers still see the failure.
      stream.on('error', () => undefined);
      resolve(stream);
      await stream.fill(chain(first.value as string, text));
    });
    reading.catch((error) => {
      stream?.destroy(error);
      reject(error);
    });
  });
}

async function* chain(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
