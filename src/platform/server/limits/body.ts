import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { cellOf, columns } from '../../access/roles';
import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';
import { accessTableOf, type Subsystem } from '../../subsystem';
import { exactJson } from './jsonShape';

/**
 * Reads bodies: JSON in UTF-8 and nothing else, no longer than whoever sends it may send at all. How long a body of this
 * request may be is known once it is read, see {@link BodyLimits.requireOf}.
 */
export function addBodies(server: FastifyInstance, bodies: BodyLimits): void {
  const { limits } = bodies;
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    let text: string;
    try {
      bodies.requireLength(request, body.length);
      if (!isUtf8(body)) throw new AppError('BAD_REQUEST', 'The body must be JSON in UTF-8.');
      text = exactJson(body, limits);
    } catch (error) {
      done(error as Error);
      return;
    }
    parseJson(request, text, (error, json) => {
      if (error && /forbidden prototype/.test(error.message)) {
        done(new AppError('BAD_REQUEST', 'The body must not have the keys "__proto__" or "constructor".'));
      } else done(error, json);
    });
  });
  // Before it is read, where the client says how long it is.
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    try {
      bodies.requireLength(request, Number(request.headers['content-length'] ?? 0));
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/** How long bodies may be: those of some mutations may be longer than others. */
export class BodyLimits {
  private readonly large: ReadonlySet<string>;
  /** Roles that may use one of these. */
  private readonly roles: ReadonlySet<string>;

  constructor(
    subsystems: readonly Subsystem[],
    readonly limits: Limits,
  ) {
    this.large = new Set(subsystems.flatMap(({ largeBodies = [] }) => largeBodies));
    const table = accessTableOf(subsystems);
    const rows = [...this.large].flatMap((mutation) => {
      const row = table.get(`Mutation.${mutation}`);
      return row ? [row] : [];
    });
    this.roles = new Set(columns.filter((role) => rows.some((row) => cellOf(row, role) !== 'none')));
  }

  /** Only those who may use such a mutation are believed to send that much. */
  requireLength(request: FastifyRequest, bytes: number): void {
    request.bodyBytes = bytes;
    this.require(bytes, this.roles.has(request.principal.role));
  }

  /**
   * @param fields the root fields of the operation that the body asks for
   * @throws AppError BODY_TOO_LARGE when it is longer than such an operation may be
   */
  requireOf(request: FastifyRequest, fields: readonly string[]): void {
    // A body that is sent in parts without a length has been measured in its parser.
    this.require(
      request.bodyBytes,
      fields.some((field) => this.large.has(field)),
    );
  }

  private require(bytes: number, isLarge: boolean): void {
    const name = isLarge ? 'batchBodyBytes' : 'bodyBytes';
    if (bytes <= this.limits[name]) return;
    const whose = isLarge ? `The body of ${[...this.large].join(' or ')}` : 'The body';
    throw new AppError(
      'BODY_TOO_LARGE',
      `${whose} must have no more than ${this.limits[name]} bytes ${settingOf(name)}.`,
    );
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** How long its body is. */
    bodyBytes: number;
  }
}
