/** Values that outlive a reload: in localStorage on this device, in sessionStorage for this tab alone. */

export function keptIn<Value>(storage: Storage, key: string): Value | undefined {
  try {
    const text = storage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** For what may get lost: a browser that has no room keeps nothing, and says nothing. */
export function keepIn(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // It is asked for again.
  }
}
