import { AppError, OperatorError } from '../../platform/errors';
import { driverErrorOf } from '../../platform/storage/core/failures';
import { count } from '../../platform/values/count';
import type { ImportSummary } from './registerAll';

/**
 * What to tell of an import that could not go on: why, how far it came, and that it goes on from there. Some of what it was
 * at may be in beside that, so it is not said that nothing was done.
 * @param told how far it came, in a sentence; undefined when it is certain that nothing was imported
 */
export function stopped(error: unknown, told: string | undefined): unknown {
  if (error instanceof AppError && isFailureOfService(error)) {
    const code = driverErrorOf(error.cause)?.code;
    return new OperatorError(
      `The database could not be written any more${code === undefined ? '' : ` (${code})`}. ` +
        `${told ?? 'The import had come through no event yet.'} What came next may be in, too. Run the same command again ` +
        'once the database is back: it goes on from there, and nothing is counted twice.',
    );
  }
  const sentence =
    told === undefined
      ? 'Nothing was imported.'
      : `${told} Once that is mended, run the same command again: it goes on from there, and nothing is counted twice.`;
  if (error instanceof OperatorError || error instanceof AppError) {
    return new OperatorError(`${error.message} ${sentence}`);
  }
  // A bug, whose stack is shown.
  if (error instanceof Error) error.stack = `${error.stack}\n${sentence}`;
  return error;
}

/** Whether the service, or its database, has failed an input: it is not refused, and may be sent again. */
export function isFailureOfService({ code }: AppError): boolean {
  return code === 'UNAVAILABLE' || code === 'OVERLOADED' || code === 'TIMEOUT' || code === 'INTERNAL';
}

/** How far an import of events has come, in a sentence; undefined when it has come to none yet. */
export function howFar(
  { registered, replayed, rejected }: ImportSummary,
  rejectFile?: string,
): string | undefined {
  const handled = registered + replayed + rejected;
  if (handled === 0) return undefined;
  const were = (number: number) => count(number, 'was', 'were');
  const refused =
    rejected === 0 || rejectFile === undefined ? '' : `, ${were(rejected)} refused (see ${rejectFile})`;
  return (
    `Until then the import had come through ${count(handled, 'event')}: ${were(registered)} imported, ` +
    `${replayed.toLocaleString('en')} had been imported before${refused}.`
  );
}
