import type { ServerParts } from '../platform/subsystem';
import { EventResolver } from './events/event.resolver';
import { PayoutResolver } from './payouts/payout.resolver';
import { ReportResolver, ReportRowResolver } from './reports/report.resolver';
import { addReportCsv } from './reports/reportCsv';
import { EventTypeResolver } from './tariffs/eventType.resolver';

export const serverParts: ServerParts = {
  resolvers: [EventTypeResolver, EventResolver, PayoutResolver, ReportResolver, ReportRowResolver],
  addRoutes: (server, service, memory) => addReportCsv(server, service, { memory }),
};
