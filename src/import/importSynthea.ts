import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { OperatorError } from '../errors';
import { operator } from '../events/registerEvents';
import type { Service } from '../service';
import { parseDateTime } from '../values/dateTime';
import { minorDigits, parseDecimalAmount } from '../values/money';
import { ensureCaregivers, ensureEventTypes, ensureUnits } from './ensure';
import { type ImportSummary, registerAll } from './registerAll';

type Row = Record<string, string>;

export interface SyntheaSummary extends ImportSummary {
  unitsCreated: number;
  caregiversCreated: number;
  eventTypesCreated: number;
}

/**
 * Imports a Synthea export (CSV): organisations as units, providers as caregivers, each pair of code and encounter
 * class as an event type worth its base cost, encounters as events. Everything keeps its id there as external id, or
 * as the event's id, so running it again changes nothing.
 * @throws OperatorError when a file or a column is missing, or an event is refused
 */
export async function importSynthea(
  service: Service,
  folder: string,
  currency: string,
  onProgress?: (handled: number, total: number) => void,
): Promise<SyntheaSummary> {
  const organizations = readTable(folder, 'organizations.csv', ['Id', 'NAME']);
  const providers = readTable(folder, 'providers.csv', ['Id', 'ORGANIZATION', 'NAME']);
  const encounters = readTable(folder, 'encounters.csv', [
    'Id',
    'START',
    'PROVIDER',
    'ENCOUNTERCLASS',
    'CODE',
    'DESCRIPTION',
    'BASE_ENCOUNTER_COST',
  ]);

  const units = await ensureUnits(
    service,
    organizations.map((row) => ({ externalId: cell(row, 'Id'), name: cell(row, 'NAME') })),
  );
  const caregivers = await ensureCaregivers(
    service,
    providers.map((row) => ({
      externalId: cell(row, 'Id'),
      name: cell(row, 'NAME'),
      unitId: idOf(units.ids, cell(row, 'ORGANIZATION'), 'organizations.csv'),
    })),
  );
  const eventTypes = await ensureEventTypes(service, eventTypesOf(encounters, currency));

  const receivedAtMs = service.now();
  const events = encounters.map((row) => ({
    source: row,
    event: {
      id: cell(row, 'Id'),
      caregiverId: idOf(caregivers.ids, cell(row, 'PROVIDER'), 'providers.csv'),
      eventTypeId: idOf(eventTypes.ids, eventTypeKey(row), 'encounters.csv'),
      occurredAt: parseDateTime(cell(row, 'START')),
      lateReason: 'import',
      sender: operator,
      receivedAtMs,
    },
  }));
  const summary = await registerAll(
    service,
    events,
    (row, error) => {
      throw new OperatorError(`encounters.csv, encounter ${cell(row, 'Id')}: ${error.message}`);
    },
    (handled) => onProgress?.(handled, events.length),
  );
  return {
    unitsCreated: units.created,
    caregiversCreated: caregivers.created,
    eventTypesCreated: eventTypes.created,
    ...summary,
  };
}

/** The base cost of a pair is the same throughout; its first description names it. */
function eventTypesOf(encounters: readonly Row[], currency: string) {
  const byKey = new Map<
    string,
    { externalId: string; name: string; amountMinor: number; currency: string }
  >();
  const names = new Set<string>();
  for (const row of encounters) {
    const externalId = eventTypeKey(row);
    const cost = cell(row, 'BASE_ENCOUNTER_COST');
    const amountMinor = parseDecimalAmount(cost, currency);
    if (amountMinor === undefined) {
      throw new OperatorError(
        `encounters.csv: BASE_ENCOUNTER_COST must be an amount in ${currency} with a point before its decimals, at most ` +
          `${minorDigits(currency)} of them, and nothing between thousands, such as 1250.50; "${cost}" is none.`,
      );
    }
    const known = byKey.get(externalId);
    if (known && known.amountMinor !== amountMinor) {
      throw new OperatorError(
        `encounters.csv: ${externalId} has two base costs; one fixed sum was expected.`,
      );
    }
    if (known) continue;
    const name = `${cell(row, 'DESCRIPTION')}, ${cell(row, 'ENCOUNTERCLASS')}`;
    const uniqueName = names.has(name) ? `${name} (${cell(row, 'CODE')})` : name;
    names.add(uniqueName);
    byKey.set(externalId, { externalId, name: uniqueName, amountMinor, currency });
  }
  return [...byKey.values()];
}

function eventTypeKey(row: Row): string {
  return `${cell(row, 'CODE')} ${cell(row, 'ENCOUNTERCLASS')}`;
}

function readTable(folder: string, file: string, columns: readonly string[]): Row[] {
  let text: string;
  try {
    text = readFileSync(join(folder, file), 'utf8');
  } catch (error) {
    throw new OperatorError(
      `Cannot read ${join(folder, file)} (${(error as NodeJS.ErrnoException).code}). ` +
        'Name the folder of a Synthea export in CSV.',
    );
  }
  let rows: Row[];
  try {
    rows = parse(text, { columns: true, bom: true, skip_empty_lines: true });
  } catch (error) {
    throw new OperatorError(`${file} is not proper CSV: ${(error as Error).message}`);
  }
  const missing = columns.filter((column) => rows[0] && !(column in rows[0]));
  if (missing.length > 0) throw new OperatorError(`${file} lacks the column ${missing.join(', ')}.`);
  return rows;
}

function cell(row: Row, column: string): string {
  return row[column] as string;
}

function idOf(ids: ReadonlyMap<string, number>, externalId: string, file: string): string {
  const id = ids.get(externalId);
  if (id === undefined) throw new OperatorError(`${file} lacks ${externalId}, which another file refers to.`);
  return String(id);
}
