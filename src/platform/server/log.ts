import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config';
import { LogOutput, standardOutput } from './logOutput';

/** How far the causes of an error are followed. */
const maxCauses = 5;

/**
 * The service's log: JSON, a line for each thing that happened. It is written beside the requests, several lines at once
 * when they come quickly; what is left is written when the process ends.
 * @param stream where it goes; standard output when left out
 */
export function createLog(level: LogLevel, stream?: DestinationStream): Logger {
  const output = stream ?? standardOutput();
  const log = pino({ level, serializers: { err: describeError } }, output);
  if (output instanceof LogOutput) {
    output.onRecovery = (droppedLines) =>
      log.warn({ droppedLines }, 'lines of the log were dropped: standard output took none');
  }
  return log;
}

/**
 * Of an error what tells where the fault is. Drivers hang statements and their values on it, and values are names of
 * people, amounts and reasons.
 */
export function describeError(error: unknown, causesLeft: number = maxCauses): object {
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
