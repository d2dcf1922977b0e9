import { useRef, useSyncExternalStore } from 'react';

/** Between letting go and the click that comes of it, a browser asks once more what is under the finger. */
const clickFollowsMs = 300;
/** Whoever presses longer has let go where no browser tells of it: in a menu of the system, say. */
const maxPressMs = 30_000;

let isPressing = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function become(pressing: boolean): void {
  if (pressing === isPressing) return;
  isPressing = pressing;
  for (const listener of listeners) listener();
}

function press(): void {
  become(true);
  letGoIn(maxPressMs);
}

function letGoIn(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => become(false), ms);
}

// Captured: told before any part of the page acts on it.
addEventListener('pointerdown', press, { capture: true });
for (const end of ['pointerup', 'pointercancel']) {
  addEventListener(end, () => letGoIn(clickFollowsMs), { capture: true });
}
addEventListener('click', () => letGoIn(0), { capture: true });

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether somebody is pressing anything, or has just let go. */
export function useIsPressing(): boolean {
  return useSyncExternalStore(subscribe, () => isPressing);
}

/**
 * What comes by itself, as it was when somebody put a finger or a button down, until the press has become a click: else
 * what they press may move away, and something else be pressed.
 */
export function useStill<Value>(value: Value): Value {
  const isHeld = useIsPressing();
  const still = useRef(value);
  if (!isHeld) still.current = value;
  return still.current;
}
