import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../errors';
import type { ReadFrom } from '../storage/core/database';

const header = 'read-from';

/**
 * `Read-From: primary` asks for everything that was committed before the request came. Without it reports, lists and
 * exports may be read from a replica, and be some moments old.
 */
export function readFromOf(request: FastifyRequest): ReadFrom {
  return request.headers[header] === undefined ? 'replica' : 'primary';
}

/** Refuses what the header does not know: passed over, a slip of the pen would read what is old. */
export async function checkReadFrom(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const value = request.headers[header];
  if (value === undefined || value === 'primary') return;
  const error = {
    message: 'The header Read-From must be "primary", or be left out.',
    extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode, field: 'Read-From' },
  };
  await reply.code(400).send({ errors: [error] });
}
