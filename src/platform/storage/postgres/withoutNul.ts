/**
 * PostgreSQL takes no text with the character U+0000. None is stored, for checks refuse it; a search for it finds what a
 * search for its neighbour finds, which is not stored either.
 */
export function withoutNul<Value>(value: Value | string): Value | string {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u0001') : value;
}
