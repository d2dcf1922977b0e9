import { AppError, OperatorError } from '../errors';

/**
 * Runs a program's main function. What the operator can mend is told in a sentence; everything else is a bug and
 * shows its stack. Either way the exit code says that it failed.
 */
export async function runToEnd(main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const isInternal = error instanceof AppError && error.code === 'INTERNAL';
    const known = (error instanceof OperatorError || error instanceof AppError) && !isInternal;
    const bug = (isInternal && error.cause) || error;
    process.stderr.write(`${known ? error.message : (bug as Error).stack}\n`);
    process.exitCode = 1;
  }
}
