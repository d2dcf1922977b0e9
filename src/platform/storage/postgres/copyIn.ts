import { type ClientBase, type Connection, Query } from 'pg';
import type { TableColumns } from '../core/connection';
import type { Columns, ColumnType, Rows } from '../core/dialect';
import { withoutNul } from './withoutNul';

/** What the driver offers of the protocol of COPY, and its types leave out. */
interface CopyingConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Rows are sent as soon as they are so long together, so that the server begins while others are written. */
const pieceBytes = 1 << 16;

/** The statement that {@link copyIn} runs. */
export function copyText({ table, columns }: TableColumns): string {
  return `copy ${table} (${Object.keys(columns).join(', ')}) from stdin (format binary)`;
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
    private readonly pieces: Iterable<Buffer>,
    callback: (error: Error | undefined) => void,
  ) {
    super(text, callback);
  }

  handleCopyInResponse(connection: CopyingConnection): void {
    for (const piece of this.pieces) connection.sendCopyFromChunk(piece);
    connection.endCopyFrom();
  }
}

/**
 * Rows in COPY's binary format, some at a time: neither side makes texts of numbers and ids. The format is described in
 * PostgreSQL's documentation of COPY; types are sent as `int8send`, `int2send`, `textsend` and `uuid_send` would.
 */
export function* copyPieces(columns: Columns, rows: Rows): Generator<Buffer> {
  const types = Object.values(columns);
  let piece = new Piece();
  piece.addHeader();
  for (const row of rows) {
    piece.addCount(types.length);
    for (let place = 0; place < types.length; place += 1) piece.add(types[place] as ColumnType, row[place]);
    if (piece.length < pieceBytes) continue;
    yield piece.bytes;
    piece = new Piece();
  }
  piece.addCount(endOfRows);
  yield piece.bytes;
}

const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const endOfRows = -1;
const nullLength = -1;
const beyond32Bits = 2 ** 32;

/** Bytes that are written one after the other: before each value its length. */
class Piece {
  length = 0;
  /** Rows go on beyond a piece's end before it is sent. */
  private buffer = Buffer.allocUnsafe(pieceBytes + 4_096);

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  addHeader(): void {
    const noFlags = 0;
    const noExtension = 0;
    this.length += signature.copy(this.buffer);
    this.addInt32(noFlags);
    this.addInt32(noExtension);
  }

  /** How many values the next row has. */
  addCount(values: number): void {
    this.makeRoom(2);
    this.length = this.buffer.writeInt16BE(values, this.length);
  }

  add(type: ColumnType, value: unknown): void {
    this.makeRoom(32);
    if (value === null || value === undefined) this.addInt32(nullLength);
    else if (type === 'text') this.addText(withoutNul(value) as string);
    else if (type === 'uuid') this.addUuid(value as string);
    else if (type === 'flag') {
      this.addInt32(2);
      this.length = this.buffer.writeInt16BE(value as number, this.length);
    } else {
      this.addInt32(8);
      this.addInt32(Math.floor((value as number) / beyond32Bits));
      this.addInt32((value as number) | 0);
    }
  }

  private addInt32(value: number): void {
    this.length = this.buffer.writeInt32BE(value, this.length);
  }

  private addText(text: string): void {
    const maxCharacterBytes = 3;
    this.makeRoom(4 + text.length * maxCharacterBytes);
    const bytes = this.buffer.write(text, this.length + 4);
    this.addInt32(bytes);
    this.length += bytes;
  }

  private addUuid(uuid: string): void {
    this.addInt32(16);
    for (let place = 0; place < uuid.length; place += 2) {
      if (uuid.charCodeAt(place) === dash) place += 1;
      this.buffer[this.length] = (digitAt(uuid, place) << 4) | digitAt(uuid, place + 1);
      this.length += 1;
    }
  }

  private makeRoom(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const longer = Buffer.allocUnsafe(2 * this.buffer.length + bytes);
    this.buffer.copy(longer, 0, 0, this.length);
    this.buffer = longer;
  }
}

const dash = 0x2d;
const digits = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  digits[digit.charCodeAt(0)] = value;
  digits[digit.toUpperCase().charCodeAt(0)] = value;
}

function digitAt(uuid: string, place: number): number {
  return digits[uuid.charCodeAt(place)] as number;
}
