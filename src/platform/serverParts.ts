import { AuditResolver } from './audit/audit.resolver';
import { ServiceResolver } from './server/service.resolver';
import type { ServerParts } from './subsystem';

export const serverParts: ServerParts = { resolvers: [ServiceResolver, AuditResolver] };
