import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../../platform/errors';
import type { Service } from '../../platform/service';
import { parseDateTime } from '../../platform/values/dateTime';
import { minorDigits, parseDecimalAmount } from '../../platform/values/money';
import { keyOf } from '../../platform/values/text';
import { operator } from '../events/registerEvents';
import { ensureCaregivers, ensureEventTypes, ensureUnits } from './ensure';
import { cellOf, columnName, readCsv } from './readCsv';
import { type ImportSummary, registerAll } from './registerAll';
import { howFar, stopped } from './stopped';

/** A line of a table, by its columns. */
interface Row {
  line: number;
  cells: Readonly<Record<string, string>>;
}

export interface SyntheaSummary extends ImportSummary {
  unitsCreated: number;
  caregiversCreated: number;
  eventTypesCreated: number;
}

/**
 * Imports a Synthea export (CSV): organisations as units, providers as caregivers, each pair of code and encounter
 * class as an event type worth its base cost, encounters as events. Everything keeps its id there as external id, or
 * as the event's id, so running it again changes nothing.
 * @throws OperatorError when a file or a column is missing, an event is refused or the database fails; it says how far the
 *   import came
 */
export async function importSynthea(
  service: Service,
  folder: string,
  currency: string,
  onProgress?: (handled: number, total: number) => void,
): Promise<SyntheaSummary> {
  const organizations = await readTable(folder, 'organizations.csv', ['Id', 'NAME']);
  const providers = await readTable(folder, 'providers.csv', ['Id', 'ORGANIZATION', 'NAME']);
  const encounters = await readTable(folder, 'encounters.csv', [
    'Id',
    'START',
    'PROVIDER',
    'ENCOUNTERCLASS',
    'CODE',
    'DESCRIPTION',
    'BASE_ENCOUNTER_COST',
  ]);

  const summary: SyntheaSummary = {
    unitsCreated: 0,
    caregiversCreated: 0,
    eventTypesCreated: 0,
    registered: 0,
    replayed: 0,
    rejected: 0,
  };
  try {
    const units = await ensureUnits(
      service,
      organizations.map((row) => ({ externalId: cell(row, 'Id'), name: cell(row, 'NAME') })),
    );
    summary.unitsCreated = units.created;
    const caregivers = await ensureCaregivers(
      service,
      providers.map((row) => ({
        externalId: cell(row, 'Id'),
        name: cell(row, 'NAME'),
        unitId: idOf(units.ids, cell(row, 'ORGANIZATION'), 'organizations.csv'),
      })),
    );
    summary.caregiversCreated = caregivers.created;
    const eventTypes = await ensureEventTypes(service, eventTypesOf(encounters, currency));
    summary.eventTypesCreated = eventTypes.created;

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
    await registerAll(
      service,
      events,
      (row, error) => {
        throw new OperatorError(
          `encounters.csv, line ${row.line}, encounter ${cell(row, 'Id')}: ${error.message}`,
        );
      },
      (handled) => onProgress?.(handled, events.length),
      summary,
    );
    return summary;
  } catch (error) {
    throw stopped(error, howFar(summary) ?? 'Until then units, caregivers and event types were created.');
  }
}

/** The base cost of a pair is the same throughout; its first description names it. */
function eventTypesOf(encounters: readonly Row[], currency: string) {
  const byKey = new Map<
    string,
    { externalId: string; name: string; amountMinor: number; currency: string }
  >();
  const codes = new Map<string, string>();
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
    // The two parts of a key may hold the blank between them.
    const key = keyOf(externalId);
    const code = cell(row, 'CODE');
    if ((codes.get(key) ?? code) !== code) {
      throw new OperatorError(
        `encounters.csv: the code "${code}" and the class "${cell(row, 'ENCOUNTERCLASS')}" cannot be told from the code ` +
          `"${codes.get(key)}" and another class, once there is a blank between them.`,
      );
    }
    codes.set(key, code);
    const known = byKey.get(key);
    if (known && known.amountMinor !== amountMinor) {
      throw new OperatorError(
        `encounters.csv: ${externalId} has two base costs; one fixed sum was expected.`,
      );
    }
    if (known) continue;
    const name = `${cell(row, 'DESCRIPTION')}, ${cell(row, 'ENCOUNTERCLASS')}`;
    const uniqueName = names.has(keyOf(name)) ? `${name} (${cell(row, 'CODE')})` : name;
    names.add(keyOf(uniqueName));
    byKey.set(key, { externalId, name: uniqueName, amountMinor, currency });
  }
  return [...byKey.values()];
}

function eventTypeKey(row: Row): string {
  return `${cell(row, 'CODE')} ${cell(row, 'ENCOUNTERCLASS')}`;
}

async function readTable(folder: string, file: string, columns: readonly string[]): Promise<Row[]> {
  const path = join(folder, file);
  if (!existsSync(path)) {
    throw new OperatorError(`Cannot read ${path} (ENOENT). Name the folder of a Synthea export in CSV.`);
  }
  const rows: Row[] = [];
  for await (const { places, width, records } of readCsv(path, columns)) {
    for (const record of records) {
      const problem =
        record.problem ??
        (record.cells.length === width
          ? undefined
          : `the line has ${record.cells.length} cells, and the header ${width}`);
      if (problem !== undefined) throw new OperatorError(`${path}, line ${record.line}: ${problem}.`);
      const cells: Record<string, string> = {};
      for (const column of columns) cells[column] = cellOf(record, places.get(columnName(column)));
      rows.push({ line: record.line, cells });
    }
  }
  return rows;
}

function cell(row: Row, column: string): string {
  return row.cells[column] as string;
}

function idOf(ids: ReadonlyMap<string, number>, externalId: string, file: string): string {
  const id = ids.get(keyOf(externalId));
  if (id === undefined) throw new OperatorError(`${file} lacks ${externalId}, which another file refers to.`);
  return String(id);
}
