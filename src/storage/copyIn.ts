import { type ClientBase, type Connection, Query } from 'pg';
import type { Rows } from './dialect';
import { withoutNul } from './withoutNul';

/** What the driver offers of the protocol of COPY, and its types leave out. */
interface CopyingConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Rows are sent as soon as so many characters of them are written, so that the server begins while others are written. */
const pieceCharacters = 1 << 16;

/**
 * Runs a statement `copy … from stdin` with its rows. All are sent at once, for a batch takes a few megabytes: of a failure
 * in the middle the server tells when it comes to it, and passes over the rest.
 */
export function copyIn(client: ClientBase, text: string, rows: Rows): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(text, rows, (error) => (error ? reject(error) : resolve())));
  });
}

/** The driver leaves it to its queries to answer the server when it asks for rows. */
class CopyIn extends Query {
  constructor(
    text: string,
    private readonly rowsToSend: Rows,
    callback: (error: Error | undefined) => void,
  ) {
    super(text, callback);
  }

  handleCopyInResponse(connection: CopyingConnection): void {
    for (const piece of copyPieces(this.rowsToSend)) connection.sendCopyFromChunk(Buffer.from(piece));
    connection.endCopyFrom();
  }
}

/** Rows in COPY's text format, some at a time. */
function* copyPieces(rows: Rows): Generator<string> {
  let piece = '';
  for (const row of rows) {
    for (let index = 0; index < row.length; index += 1) piece += (index === 0 ? '' : '\t') + cell(row[index]);
    piece += '\n';
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value !== 'string') return String(value);
  const text = withoutNul(value);
  return special.test(text) ? text.replace(specials, (character) => escapes[character] as string) : text;
}

const special = /[\\\t\n\r]/;
const specials = /[\\\t\n\r]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
