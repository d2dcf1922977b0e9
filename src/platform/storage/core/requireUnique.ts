import type { EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import { AppError } from '../../errors';
import { keyOf } from '../../values/text';
import type { Transaction } from './transaction';

/**
 * Checks that no other row has a value that looks like the one that must be unique: what cannot be seen in a text does not
 * tell two of them apart. Null is free for everybody.
 * @throws AppError ALREADY_EXISTS naming the field and the row that has the value
 */
export async function requireUnique<Row extends ObjectLiteral & { id: number }>(
  tx: Transaction,
  entity: EntityTarget<Row>,
  field: 'name' | 'externalId',
  value: string | null,
  ownId?: number,
): Promise<void> {
  if (value === null) return;
  const other = await tx.manager.findOneBy(entity, {
    [`${field}Key`]: keyOf(value),
  } as unknown as FindOptionsWhere<Row>);
  if (!other || other.id === ownId) return;
  const looksAlike = other[field] === value ? '' : ' in a text that looks the same';
  throw new AppError(
    'ALREADY_EXISTS',
    `${field} "${value}" is in use already, by id ${other.id}${looksAlike}.`,
    field,
    { otherId: other.id },
  );
}
