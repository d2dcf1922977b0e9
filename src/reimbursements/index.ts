import { loadSample } from '../../seed/loadSample';
import type { Subsystem } from '../platform/subsystem';
import { access } from './access';
import { audit } from './audit';
import { addExport } from './cli/export';
import { addImportEvents } from './cli/importEvents';
import { addImportSynthea } from './cli/importSynthea';
import { addSeed } from './cli/seed';
import { eraseTexts } from './events/eraseTexts';
import { monthlyRollup } from './events/monthlyRollup';
import { PayoutEntity } from './payouts/payout.entity';
import { payoutRollup } from './payouts/payoutRollup';
import { eventTable, eventTypeTable, payoutTable } from './tables';
import { addMissingCurrencies, requireSameCurrencies } from './tariffs/currencyList';
import { EventTypeEntity } from './tariffs/eventType.entity';

/** What caregivers have done, what it is worth, and what of it is paid. */
export const reimbursements: Subsystem = {
  name: 'reimbursements',
  entities: [EventTypeEntity, PayoutEntity],
  tables: [eventTypeTable, payoutTable, eventTable],
  rollups: [monthlyRollup, payoutRollup],
  access,
  audit,
  largeBodies: ['registerEvents'],
  prepare: addMissingCurrencies,
  relies: [requireSameCurrencies],
  loadSample,
  async erase(tx, { kind, id }) {
    return kind === 'caregiver' ? { events: await eraseTexts(tx, id) } : {};
  },
  addCommands(program, subsystems) {
    const imports = program.command('import').description('bring in data from files');
    addImportSynthea(imports, subsystems);
    addImportEvents(imports, subsystems);
    addExport(program, subsystems);
    addSeed(program, subsystems);
  },
  loadServerParts: () => (require('./serverParts') as typeof import('./serverParts')).serverParts,
};
