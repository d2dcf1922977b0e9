import sql, { join, raw, type Sql } from 'sql-template-tag';
import { type Columns, type ColumnType, fragment } from './dialect';

/** The largest prime below 2^31: products of two remainders fit into 64 bits. */
const prime = 2_147_483_647;
/** A prime beside it, for factors. */
const smallPrime = 65_521;
/** Stands for null; no remainder is as large. */
const nothing = 4_294_967_291;

/**
 * An aggregate that tells one set of rows from another, the same number (as text) on every engine: two databases are
 * compared by it without their rows going anywhere. Each row's columns are weighted and added up, and the sum is
 * multiplied by what its key comes to, so that values that have changed places between rows are noticed, too.
 *
 * It is made for finding differences, not for resisting somebody who wants to hide them. Of a text the length and the
 * first three characters count: enough for codes, and for texts that are written once and never changed.
 * @param key columns that tell the rows apart
 */
export function checksumOf(columns: Columns, key: Columns): Sql {
  const sum = sql`${weigh(columns)} % ${constant(prime)}`;
  const factor = sql`(${weigh(key)} % ${constant(smallPrime)} + ${constant(2 * smallPrime)})`;
  return sql`cast(sum(${sum} * ${factor} % ${constant(prime)}) as text)`;
}

/** Below 2^63 for any row, and never null. */
function weigh(columns: Columns): Sql {
  const numbers = Object.entries(columns).flatMap(([name, type]) => numbersOf[type](raw(name)));
  const weighted = numbers.map(
    (number, index) => sql`coalesce(${number}, ${constant(nothing)}) * ${constant(weight(index))}`,
  );
  return sql`(${join(weighted, ' + ')})`;
}

/** Numbers below 2^32 that tell a value from others. */
const numbersOf: Record<ColumnType, (column: Sql) => Sql[]> = {
  integer: (column) => [sql`${column} % ${constant(prime)}`],
  flag: (column) => [column],
  uuid: (column) => [fragment(({ inNumber }) => inNumber.endOfUuid(column))],
  text: (column) => [
    sql`length(${column})`,
    ...[1, 2, 3].map((place) => {
      const character = sql`substr(${column}, ${constant(place)}, 1)`;
      return fragment(({ inNumber }) => inNumber.firstCharacter(character));
    }),
  ],
};

/** Below 2^20: no table has so many columns that their weighted numbers would pass 2^63. */
function weight(index: number): number {
  return (7_919 + index * 104_729) % 1_048_573;
}

/** Written out: as a parameter it would be planned for as if it could be anything. */
function constant(number: number): Sql {
  return raw(String(number));
}
