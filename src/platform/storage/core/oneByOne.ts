import { AppError } from '../../errors';
import type { Transaction } from './transaction';
import type { Outcome } from './writeQueue';

/**
 * Makes a batch handler of a use case that handles one input, for writes too rare to be worth a statement for many.
 * The use case checks first and changes last: an AppError, thrown before any change, is the outcome of its input.
 */
export function oneByOne<Input, Value>(
  handle: (tx: Transaction, input: Input) => Promise<Value>,
): (tx: Transaction, inputs: readonly Input[]) => Promise<Outcome<Value>[]> {
  return async (tx, inputs) => {
    const outcomes: Outcome<Value>[] = [];
    for (const input of inputs) {
      try {
        outcomes.push({ value: await handle(tx, input) });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        outcomes.push({ error });
      }
    }
    return outcomes;
  };
}
