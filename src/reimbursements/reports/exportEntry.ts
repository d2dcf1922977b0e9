import { createHash } from 'node:crypto';
import type { Act } from '../../platform/audit/act';
import type { AuditEntry, State } from '../../platform/audit/auditEntry';
import { formatDateTime } from '../../platform/values/dateTime';
import type { ReportQuery } from './readReport';

/** Longer lists are told by their length and a digest. */
const maxListed = 50;

/**
 * The entry for an export of reports or events, to be written before anything leaves: an export that breaks off is in the
 * log, and none is missing.
 */
export function exportEntry(
  act: Act,
  what: 'report' | 'events',
  format: string,
  { range, caregiverIds, unitIds }: Omit<ReportQuery, 'scope'>,
): AuditEntry {
  const { fromMs, toMs } = range;
  return {
    act,
    action: what === 'report' ? 'exportReport' : 'exportEvents',
    target: [what, null],
    after: {
      format,
      ...(fromMs !== null && { from: formatDateTime(fromMs) }),
      ...(toMs !== null && { to: formatDateTime(toMs) }),
      ...(caregiverIds && { caregiverIds: inShort(caregiverIds) }),
      ...(unitIds && { unitIds: inShort(unitIds) }),
    },
  };
}

function inShort(ids: readonly number[]): readonly number[] | State {
  if (ids.length <= maxListed) return ids;
  return { count: ids.length, sha256: createHash('sha256').update(JSON.stringify(ids)).digest('hex') };
}
