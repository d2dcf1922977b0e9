import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { scopeOf } from '../access/roles';
import { Caregiver, toCaregiver } from '../caregivers/caregiver.types';
import { afterDescription, firstDescription, readPage, toConnection } from '../graphql/connection';
import type { Context } from '../graphql/context';
import { SharedSnapshot } from '../storage/sharedSnapshot';
import { checkIdList, checkIntegerId } from '../values/checks';
import { readRange } from '../values/range';
import { readMonths, readRows, readTotals } from './readReport';
import {
  Report,
  ReportFilter,
  ReportMonth,
  ReportRow,
  ReportRowConnection,
  ReportTotal,
  toReportMonth,
  toReportRow,
  toReportTotal,
} from './report.types';

@Resolver(() => Report)
export class ReportResolver {
  @Query(() => Report, {
    description:
      'Reimbursements by month and caregiver, read from a rollup that every registration keeps up to date. Where the ' +
      'service has replicas, every query may be some moments old; with the header `Read-From: primary` it shows all that ' +
      'was committed before.',
  })
  report(
    @Arg('filter', () => ReportFilter, {
      nullable: true,
      description: 'Whose and when; everything when left out.',
    })
    filter: ReportFilter | null,
    @Ctx() { service, principal }: Context,
  ): Report {
    const scope = scopeOf(principal, 'Query.report');
    const range = readRange(filter ?? {}, service.calendar);
    return {
      generatedAt: service.now(),
      timeZone: service.calendar.timeZone,
      from: range.fromMs,
      to: range.toMs,
      query: {
        scope,
        caregiverIds: checkIdList(filter?.caregiverIds, 'caregiverIds', checkIntegerId),
        unitIds: checkIdList(filter?.unitIds, 'unitIds', checkIntegerId),
        range,
      },
      snapshot: new SharedSnapshot(service.database),
    };
  }

  @FieldResolver(() => [ReportTotal], { description: 'One sum for each currency.' })
  async totals(@Root() { query, snapshot }: Report, @Ctx() { service }: Context): Promise<ReportTotal[]> {
    const totals = await snapshot.read((reader) => readTotals(reader, query, service.calendar));
    return totals.map(toReportTotal);
  }

  @FieldResolver(() => [ReportMonth], {
    description: 'One sum for each month and currency that has events, in order.',
  })
  async months(@Root() { query, snapshot }: Report, @Ctx() { service }: Context): Promise<ReportMonth[]> {
    const months = await snapshot.read((reader) => readMonths(reader, query, service.calendar));
    return months.map(toReportMonth);
  }

  @FieldResolver(() => ReportRowConnection, {
    description: 'One sum for each month, caregiver and currency that has events, in this order.',
  })
  async rows(
    @Root() { query, snapshot }: Report,
    @Arg('first', () => Int, { nullable: true, defaultValue: 100, description: firstDescription }) first:
      | number
      | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { service }: Context,
  ): Promise<ReportRowConnection> {
    const page = readPage(first, after, ['number', 'number', 'string'], 100);
    const [month, caregiverId, currency] = page.after ?? [];
    const cursor = page.after && {
      month: month as number,
      caregiverId: caregiverId as number,
      currency: currency as string,
    };
    const rows = await snapshot.read((reader) =>
      readRows(reader, query, service.calendar, page.first + 1, cursor),
    );
    return toConnection(rows, page, toReportRow, (row) => [row.month, row.caregiverId, row.currency]);
  }
}

@Resolver(() => ReportRow)
export class ReportRowResolver {
  @FieldResolver(() => Caregiver, { description: 'Who is reimbursed.' })
  async caregiver(@Root() row: ReportRow, @Ctx() { loaders }: Context): Promise<Caregiver> {
    return toCaregiver(await loaders.caregiver.load(row.caregiverId));
  }
}
