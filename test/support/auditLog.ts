import type { TestService } from './testService';

/** An entry as the API answers it, with what changed read from its JSON. */
export interface AnsweredEntry {
  sequence: number;
  at: string;
  actor: string;
  role: string;
  tokenId: string | null;
  requestId: string | null;
  action: string;
  targetKind: string;
  targetId: string | null;
  before: object | null;
  after: object | null;
  reason: string | null;
  erased: boolean;
  hash: string;
}

export const entryFields = `sequence at actor role tokenId requestId action targetKind targetId
  before after reason erased hash`;

export const auditLog = `query ($filter: AuditFilter, $first: Int = 1000, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) { nodes { ${entryFields} } }
}`;

/** The newest entries of the audit log, the newest first. */
export async function entries(api: TestService, filter?: object, first = 1000): Promise<AnsweredEntry[]> {
  const { nodes } = (await api.data(auditLog, { filter, first })).auditLog;
  const read = (json: string | null) => (json === null ? null : JSON.parse(json));
  return nodes.map((node: { before: string | null; after: string | null }) => ({
    ...node,
    before: read(node.before),
    after: read(node.after),
  }));
}

/** The newest entry alone. */
export async function newest(api: TestService): Promise<AnsweredEntry> {
  return (await entries(api, undefined, 1))[0] as AnsweredEntry;
}
