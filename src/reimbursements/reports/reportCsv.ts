import { finished } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { actOf } from '../../platform/audit/act';
import { recordEntry } from '../../platform/audit/auditChain';
import { AppError, type ErrorCode, errorCodes } from '../../platform/errors';
import { openExport } from '../../platform/export/openExport';
import { Spool } from '../../platform/export/spool';
import { exportBytes, type Memory, releaseAtEnd } from '../../platform/server/limits/memory';
import { checkReadFrom, readFromOf } from '../../platform/server/readFrom';
import type { Service } from '../../platform/service';
import { writeOne } from '../../platform/storage/core/database';
import { requestDatabase } from '../../platform/storage/core/requestDatabase';
import { access } from '../access';
import { exportEntry } from './exportEntry';
import { reportTable } from './exportReport';
import { type ReportQueryText, readReportQuery } from './readReportQuery';

/** A client that takes nothing for so long is cut off: it may hold a file. */
const stallTimeoutMs = 60_000;

/**
 * `GET /report.csv`: the rows of the report, streamed out of one snapshot that does not wait for the client. The
 * parameters are the fields of GraphQL's ReportFilter; lists are separated by commas or given several times. Whose rows
 * they may be depends on who is calling, as addPrincipal has found out.
 */
export function addReportCsv(
  server: FastifyInstance,
  service: Service,
  options: { stallTimeoutMs?: number; memory?: Memory; spool?: Spool } = {},
): void {
  const { spool = new Spool() } = options;
  // A HEAD request would read the whole report and throw it away.
  server.get('/report.csv', { exposeHeadRoute: false, preHandler: checkReadFrom }, async (request, reply) => {
    try {
      const scope = access.scopeOf(request.principal, 'GET /report.csv');
      const query = readReportQuery(readParameters(request.query as Parameters), scope, service.calendar);
      const held = options.memory?.hold(request.principal.subject, exportBytes, 'query');
      if (held) releaseAtEnd(reply, held);
      const act = actOf({ principal: request.principal, requestId: request.id, service });
      // Before the snapshot is opened, and not by the request's own database, which would then read the primary.
      await writeOne(service.database, recordEntry, exportEntry(act, 'report', 'csv', query));
      const database = requestDatabase(service.database, readFromOf(request));
      const body = await openExport(database, reportTable(query, service.calendar), 'csv', spool);
      // Also where the client has gone before anything was sent, so that nobody reads the stream.
      finished(reply.raw, () => body.destroy());
      reply.raw.setTimeout(options.stallTimeoutMs ?? stallTimeoutMs, () => reply.raw.destroy());
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="report.csv"')
        .header('cache-control', 'no-store')
        .send(body);
    } catch (error) {
      return refuse(reply, error);
    }
  });
}

type Parameters = Record<string, string | string[]>;
const lists = ['caregiverIds', 'unitIds'] as const;
const single = ['fromMonth', 'toMonth', 'from', 'to'] as const;

/** @throws AppError BAD_USER_INPUT for a parameter that there is not: left out by a slip, it would widen the report */
function readParameters(parameters: Parameters): ReportQueryText {
  const known: readonly string[] = [...lists, ...single];
  const text: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (!known.includes(name)) {
      throw new AppError(
        'BAD_USER_INPUT',
        `There is no parameter ${name}; there are ${known.join(', ')}.`,
        name,
      );
    }
    text[name] = (lists as readonly string[]).includes(name)
      ? [value].flat().flatMap((ids) => ids.split(','))
      : readSingle(name, value);
  }
  return text;
}

function readSingle(name: string, value: string | string[]): string {
  if (typeof value !== 'string') {
    throw new AppError('BAD_USER_INPUT', `${name} must be given once.`, name);
  }
  // In a URL a plus means a space, and people write the offset of a time as they see it.
  return value.replace(/ (?=\d\d:\d\d$)/, '+');
}

/** Answers what went wrong before the first byte; the same codes and sentences as in GraphQL. */
function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') {
    reply.log.error({ requestId: reply.request.id, err: error }, 'a request failed unexpectedly');
  }
  if (error instanceof AppError) {
    const { code, message, field } = error;
    const { status, ...rest } = errorCodes[code];
    reply.request.outcome.code = code;
    if ('retryAfterSeconds' in rest) reply.header('retry-after', String(rest.retryAfterSeconds));
    return reply.code(status === 200 ? 400 : status).send({ error: { code, message, field } });
  }
  const message = `Something went wrong inside the service. Quote the request id ${reply.request.id} when you report it.`;
  return reply.code(500).send({ error: { code: 'INTERNAL' satisfies ErrorCode, message } });
}
