import { oneByOne } from '../platform/storage/core/oneByOne';
import { type Command, quickCommand } from '../platform/storage/core/writeQueue';
import type { Subsystem } from '../platform/subsystem';
import { createCaregiver } from './caregivers/createCaregiver';
import {
  type PseudonymiseCaregiver,
  type Pseudonymised,
  pseudonymiseCaregiver,
} from './caregivers/pseudonymiseCaregiver';
import { updateCaregiver } from './caregivers/updateCaregiver';
import { createUnit } from './units/createUnit';

/** Every way to change units and caregivers. Each takes batches and goes through the write queue. */
export const directoryCommands = {
  createUnit: quickCommand('createUnit', oneByOne(createUnit)),
  createCaregiver: quickCommand('createCaregiver', oneByOne(createCaregiver)),
  updateCaregiver: quickCommand('updateCaregiver', oneByOne(updateCaregiver)),
};

/** Slow, as may be what all subsystems hold about somebody. */
export function pseudonymiseIn(
  subsystems: readonly Subsystem[],
): Command<PseudonymiseCaregiver, Pseudonymised> {
  return {
    name: 'pseudonymiseCaregiver',
    speed: 'slow',
    handle: oneByOne((tx, input) => pseudonymiseCaregiver(tx, input, subsystems)),
  };
}
