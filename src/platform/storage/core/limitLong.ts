import { AppError } from '../../errors';

/** The next one is refused at once. */
const maxWaiting = 100;

/**
 * Lets so many long reads go at the same time. None of them waits for a client, so the next one waits a moment for its turn,
 * and is refused only when it does not come.
 * @throws AppError OVERLOADED
 */
export function limitLong(
  maxReading: number,
  waitMs = 5_000,
): <Value>(read: () => Promise<Value>) => Promise<Value> {
  let reading = 0;
  const waiting: (() => void)[] = [];
  const turn = async (): Promise<boolean> => {
    if (reading < maxReading) {
      reading += 1;
      return true;
    }
    if (waiting.length >= maxWaiting) return false;
    return new Promise((resolve) => {
      const takeOver = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(takeOver), 1);
        resolve(false);
      }, waitMs);
      waiting.push(takeOver);
    });
  };
  return async (read) => {
    if (!(await turn())) {
      throw new AppError('OVERLOADED', 'Too many exports are under way. Send this again when one has ended.');
    }
    try {
      return await read();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else reading -= 1;
    }
  };
}
