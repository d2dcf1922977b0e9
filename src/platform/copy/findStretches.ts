import sql, { raw, type Sql } from 'sql-template-tag';
import { type Slice, walkInSlices } from '../rollup/slices';
import { checksumOf } from '../storage/core/checksum';
import { listOf } from '../storage/core/dialect';
import { keyColumns, type Slices, type Table } from '../storage/core/table';
import type { Snapshot } from '../storage/core/transaction';
import type { Stretch } from './compareRows';

/** What a large table of the target lacks, and where. */
export interface Found {
  /** Where source and target differ, in the order of the key. */
  stretches: Stretch[];
  /** Rows of the source in all, and in these stretches. */
  rows: number;
  rowsInStretches: number;
}

export type SlicedTable = Table & { readonly slices: Slices };

/** What a part of a table comes to: the rows of one caregiver, or those of a span of time among them. */
interface Digest {
  part: number;
  rows: number;
  checksum: string;
}

/** Long enough to make little of what a statement costs, and short enough to show progress. */
const sliceMs = 400;

/** Times go in spans of 2^31 ms, nearly 25 days, counted from 1830. */
const spanBits = 31;
const firstSpanMs = -(2 ** 42);

/**
 * Finds where a large table differs in source and target, without its rows going anywhere: both count them and add up
 * their checksums, caregiver by caregiver, and where only some of a caregiver's rows differ, span of time by span of time.
 * @param onProgress told which part, from 0 to 1, is done
 */
export async function findStretches(
  source: Snapshot,
  target: Snapshot,
  table: SlicedTable,
  onProgress: (part: number) => void,
): Promise<Found> {
  const found: Found = { stretches: [], rows: 0, rowsInStretches: 0 };
  const range = await rangeOf([source, target], table);
  if (!range) return found;
  /** The last stretch, while nothing that is equal lies behind it. */
  let open: Stretch | undefined;

  const addSlice = async (slice: Slice) => {
    const [own, others] = await Promise.all([
      digestsOf(source, table, slice),
      digestsOf(target, table, slice),
    ]);
    const partly = table.slices.time ? partlyDifferent(own, others) : [];
    const spans = await findSpans(source, target, table, partly);
    for (const part of partsOf(own, others)) {
      const mine = own.get(part);
      const isEqual = mine?.rows === others.get(part)?.rows && mine?.checksum === others.get(part)?.checksum;
      found.rows += mine?.rows ?? 0;
      if (isEqual) open = undefined;
      else {
        found.rowsInStretches += spans.get(part)?.rows ?? mine?.rows ?? 0;
        add(part, spans.get(part)?.stretches);
      }
    }
  };
  const add = (part: number, spans: Stretch[] | undefined) => {
    if (spans) {
      found.stretches.push(...spans);
      open = undefined;
    } else if (open) open.to = part;
    else {
      open = { from: part, to: part };
      found.stretches.push(open);
    }
  };
  await walkInSlices(range, sliceMs, addSlice, onProgress);
  return found;
}

async function rangeOf(
  sides: readonly Snapshot[],
  { table, slices }: SlicedTable,
): Promise<Slice | undefined> {
  const column = raw(slices.column);
  const ends = await Promise.all(
    sides.map((side) =>
      side.one<{ first: number | null; last: number | null }>(
        // Two subqueries: SQLite looks up one end of an index at a time, and would scan for both together.
        sql`select (select min(${column}) from ${raw(table)}) as first, (select max(${column}) from ${raw(table)}) as last`,
      ),
    ),
  );
  const filled = ends.filter((end) => end !== undefined && end.first !== null) as {
    first: number;
    last: number;
  }[];
  if (filled.length === 0) return undefined;
  return {
    from: Math.min(...filled.map(({ first }) => first)),
    to: Math.max(...filled.map(({ last }) => last)),
  };
}

async function digestsOf(
  side: Snapshot,
  table: SlicedTable,
  { from, to }: Slice,
): Promise<Map<number, Digest>> {
  const column = raw(table.slices.column);
  const digests = await side.all<Digest>(
    sql`select ${column} as part, ${contentOf(table)} from ${raw(table.table)}
        where ${column} between ${from} and ${to}
        group by 1`,
  );
  return new Map(digests.map((digest) => [digest.part, digest]));
}

function contentOf(table: SlicedTable): Sql {
  return sql`count(*) as rows, ${checksumOf(table.columns, keyColumns(table))} as checksum`;
}

function partsOf(own: ReadonlyMap<number, Digest>, others: ReadonlyMap<number, Digest>): number[] {
  return [...new Set([...own.keys(), ...others.keys()])].sort((left, right) => left - right);
}

/** Parts that both sides have, with other content. */
function partlyDifferent(own: ReadonlyMap<number, Digest>, others: ReadonlyMap<number, Digest>): number[] {
  return [...own.values()]
    .filter(({ part, checksum }) => others.has(part) && others.get(part)?.checksum !== checksum)
    .map(({ part }) => part);
}

/** Where in time these parts differ: neighbouring spans in one stretch. */
async function findSpans(
  source: Snapshot,
  target: Snapshot,
  table: SlicedTable,
  parts: readonly number[],
): Promise<Map<number, Spans>> {
  if (parts.length === 0) return new Map();
  const column = raw(table.slices.column);
  const time = raw(table.slices.time as string);
  const select = sql`
    select ${column} as part, (${time} - ${raw(`${firstSpanMs}`)}) >> ${raw(`${spanBits}`)} as span, ${contentOf(table)}
    from ${raw(table.table)}
    where ${column} in ${listOf(parts)}
    group by 1, 2`;
  const [own, others] = (await Promise.all([source, target].map((side) => side.all(select)))) as [
    SpanDigest[],
    SpanDigest[],
  ];
  const keyOf = ({ part, span }: SpanDigest) => `${part} ${span}`;
  const contentOfEach = (digests: SpanDigest[]) =>
    new Map(digests.map((digest) => [keyOf(digest), `${digest.rows} ${digest.checksum}`]));
  const [mine, theirs] = [contentOfEach(own), contentOfEach(others)];
  const differing = [
    ...own.filter((digest) => theirs.get(keyOf(digest)) !== mine.get(keyOf(digest))),
    ...others.filter((digest) => !mine.has(keyOf(digest))).map((digest) => ({ ...digest, rows: 0 })),
  ].sort((left, right) => left.part - right.part || left.span - right.span);
  const found = new Map<number, Spans>(parts.map((part) => [part, { rows: 0, stretches: [] }]));
  for (const { part, span, rows } of differing) {
    const { stretches } = found.get(part) as Spans;
    const times = { fromMs: beginOf(span), toMs: beginOf(span + 1) };
    const last = stretches.at(-1)?.times;
    if (last?.toMs === times.fromMs) last.toMs = times.toMs;
    else stretches.push({ from: part, to: part, times });
    (found.get(part) as Spans).rows += rows;
  }
  return found;
}

type SpanDigest = Digest & { span: number };

/** Where in time a part differs, and how many rows the source has there. */
interface Spans {
  stretches: Stretch[];
  rows: number;
}

function beginOf(span: number): number {
  return span * 2 ** spanBits + firstSpanMs;
}
