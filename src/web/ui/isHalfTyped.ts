/**
 * Whether a field for a date or a time holds only a part of one. The browser then says that it is empty; and of a year that
 * is being typed, 0002 comes first and 0020 next.
 */
export function isHalfTyped(field: HTMLInputElement): boolean {
  return field.validity.badInput || field.value.startsWith('0');
}
