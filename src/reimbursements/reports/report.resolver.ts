import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Caregiver, caregiverLoader, toCaregiver } from '../../directory/graphql';
import { defaultFirstRows, RowPageArgs, readPage, toConnection } from '../../platform/graphql/connection';
import type { Context } from '../../platform/graphql/context';
import type { Subscribing } from '../../platform/graphql/subscribing';
import { SharedSnapshot } from '../../platform/storage/core/sharedSnapshot';
import { checkIdList, checkIntegerId } from '../../platform/values/checks';
import { readRange } from '../../platform/values/range';
import { access, type ScopedOperation } from '../access';
import { followReport } from './followReport';
import { type ReportQuery, readMonths, readRows, readTotals } from './readReport';
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
      description: 'Which caregivers, and which range; everything when left out.',
    })
    filter: ReportFilter | null,
    @Ctx() context: Context,
  ): Report {
    return openReport(filter, 'Query.report', context);
  }

  @Subscription(() => Report, {
    description:
      'The report, at once and again within a second after anything in it has changed: the whole of it each time, read ' +
      'from the primary, so that nothing is missed after the connection was lost. What changes in quick succession comes ' +
      'together, up to four times a second.',
    subscribe: ({ args, context }: Subscribing<{ filter?: ReportFilter | null }>) => {
      const { database, calendar } = context.service;
      return followReport(database, readQuery(args.filter, 'Subscription.reportChanged', context), calendar);
    },
  })
  reportChanged(
    @Arg('filter', () => ReportFilter, {
      nullable: true,
      description: 'Which caregivers, and which range; everything when left out.',
    })
    filter: ReportFilter | null,
    @Ctx() context: Context,
  ): Report {
    return openReport(filter, 'Subscription.reportChanged', context);
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
    @Args() { first, after }: RowPageArgs,
    @Arg('owedOnly', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'Whether to leave out rows of which everything has been paid.',
    })
    owedOnly: boolean | null,
    @Ctx() { service }: Context,
  ): Promise<ReportRowConnection> {
    const page = readPage(first, after, ['month', 'id', 'currency'], defaultFirstRows);
    const cursor = page.after && {
      month: page.after[0],
      caregiverId: page.after[1],
      currency: page.after[2],
    };
    const rows = await snapshot.read((reader) =>
      readRows(reader, query, service.calendar, page.first + 1, cursor, owedOnly ?? false),
    );
    return toConnection(rows, page, toReportRow, (row) => [row.month, row.caregiverId, row.currency]);
  }
}

@Resolver(() => ReportRow)
export class ReportRowResolver {
  @FieldResolver(() => Caregiver, { description: 'Who is reimbursed.' })
  async caregiver(@Root() row: ReportRow, @Ctx() context: Context): Promise<Caregiver> {
    return toCaregiver(await caregiverLoader(context).load(row.caregiverId));
  }
}

/** A report whose lists are read when they are asked for, together. */
function openReport(filter: ReportFilter | null, operation: ScopedOperation, context: Context): Report {
  const { service } = context;
  const query = readQuery(filter, operation, context);
  return {
    // Taken before anything is read: what is committed meanwhile may be in it, too.
    generatedAt: service.now() - service.database.ageMs(),
    timeZone: service.calendar.timeZone,
    from: query.range.fromMs,
    to: query.range.toMs,
    query,
    snapshot: new SharedSnapshot(service.database),
  };
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT */
function readQuery(
  filter: ReportFilter | null | undefined,
  operation: ScopedOperation,
  { service, principal }: Context,
): ReportQuery {
  return {
    scope: access.scopeOf(principal, operation),
    caregiverIds: checkIdList(filter?.caregiverIds, 'caregiverIds', checkIntegerId),
    unitIds: checkIdList(filter?.unitIds, 'unitIds', checkIntegerId),
    range: readRange(filter ?? {}, service.calendar),
  };
}
