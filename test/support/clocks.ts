const wallClock = Date.now.bind(Date);
const passing = performance.now.bind(performance);

/** Sets the clock of the machine as this process sees it; the time that passes is not touched. */
export function setClockBy(changeMs: number): void {
  jest.spyOn(Date, 'now').mockImplementation(() => wallClock() + changeMs);
}

/** Lets time pass at once, for whoever looks at what has passed; timers do not. */
export function letPass(ms: number): void {
  jest.spyOn(performance, 'now').mockImplementation(() => passing() + ms);
}

/** For the end of a test. */
export function restoreClocks(): void {
  jest.restoreAllMocks();
}

export const dayMs = 86_400_000;
