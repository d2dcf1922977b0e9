import { OperatorError } from '../../platform/errors';
import { type Database, writeOne } from '../../platform/storage/core/database';
import { oneByOne } from '../../platform/storage/core/oneByOne';
import { tellReliant } from '../../platform/storage/core/reliance';
import { readSettings, writeSetting } from '../../platform/storage/core/settings';
import type { Snapshot } from '../../platform/storage/core/transaction';
import type { Command } from '../../platform/storage/core/writeQueue';
import { currencies, minorDigits } from '../../platform/values/currencies';

const setting = 'currency_digits';

/**
 * Keeps the decimals of every currency that amounts may be stored with. Amounts are whole numbers of minor units: a
 * version, or a neighbouring instance, whose list of currencies has another number of decimals would read 100.00 where
 * 1.000 was meant. What is there stays; {@link requireSameCurrencies} compares it.
 */
export async function addMissingCurrencies(database: Database): Promise<void> {
  const stored = await database.read(readDigits);
  if ([...currencies].some((code) => !stored.has(code))) await writeOne(database, addCurrencies, undefined);
}

/** @throws OperatorError when this version counts a currency in other units than the database does */
export async function requireSameCurrencies(snapshot: Snapshot): Promise<void> {
  for (const [code, digits] of await readDigits(snapshot)) {
    const own = minorDigits(code);
    if (own === digits) continue;
    throw new OperatorError(
      `The amounts of this database are stored with ${digits} decimals of ${code}, and this version counts ${own}. ` +
        'Use the version of Caretally that wrote them, or a later one.',
    );
  }
}

const addCurrencies: Command<undefined, undefined> = {
  name: 'addCurrencies',
  handle: oneByOne(async (tx) => {
    await tx.lock('calendar', 'exclusive');
    const stored = await readDigits(tx);
    const own = [...currencies].map((code): [string, number] => [code, minorDigits(code)]);
    const added = own.filter(([code]) => !stored.has(code));
    if (added.length === 0) return undefined;
    await writeSetting(tx, setting, JSON.stringify(Object.fromEntries([...stored, ...added])));
    await tellReliant(tx);
    return undefined;
  }),
};

/** Decimals by currency. */
async function readDigits(snapshot: Snapshot): Promise<Map<string, number>> {
  const value = (await readSettings(snapshot)).get(setting);
  return new Map(Object.entries(JSON.parse(value ?? '{}') as Record<string, number>));
}
