import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { LogLevel } from '../config';

/** What waits for a reader of the log who does not read. More is dropped: the service goes on. */
const mostWaitingBytes = 16 * 1024 * 1024;

/**
 * Lines wait for each other until they are so long together, or until so much time has passed: a write for each line took
 * a sixth of the time of the smallest request.
 */
const linesTogetherBytes = 4 * 1024;
const linesTogetherMs = 100;

/** How far the causes of an error are followed. */
const mostCauses = 5;

/**
 * The service's log: JSON, a line for each thing that happened. It is written beside the requests, several lines at once
 * when they come quickly; what is left is written when the process ends.
 * @param stream where it goes; standard output when left out
 */
export function createLog(level: LogLevel, stream?: DestinationStream): Logger {
  return pino(
    { level, serializers: { err: describeError } },
    stream ??
      destination({
        dest: 1,
        sync: false,
        minLength: linesTogetherBytes,
        periodicFlush: linesTogetherMs,
        maxLength: mostWaitingBytes,
      }),
  );
}

/**
 * Of an error what tells where the fault is. Drivers hang statements and their values on it, and values are names of
 * people, amounts and reasons.
 */
export function describeError(error: unknown, causesLeft: number = mostCauses): object {
  if (typeof error !== 'object' || error === null) return { type: typeof error };
  const { name, message, stack, code, cause, driverError } = error as Record<string, unknown>;
  const deeper = cause ?? driverError;
  return {
    type: name,
    message,
    stack,
    ...(code !== undefined && { code }),
    ...(deeper !== undefined && causesLeft > 0 && { cause: describeError(deeper, causesLeft - 1) }),
  };
}
