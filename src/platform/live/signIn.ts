import { CloseCode } from 'graphql-ws';
import type { Access } from '../access/access';
import { AppError } from '../errors';
import type { ErrorLog } from '../server/formatError';
import type { Client } from './client';

/** As HTTP's 503: clients come back by themselves. */
const tryAgainLater = 1013;

/**
 * Finds out who a client is by what it has sent first, `{"authorization": "Bearer TOKEN"}`, or closes its socket.
 * @returns whether it is somebody
 */
export async function signIn(
  client: Client,
  access: Access,
  log: ErrorLog,
  payload: Record<string, unknown> = {},
): Promise<boolean> {
  const { authorization } = payload;
  if (typeof authorization !== 'string') {
    client.socket.close(
      CloseCode.Unauthorized,
      'Sign in: connection_init must have the payload {"authorization": "Bearer TOKEN"}.',
    );
    return false;
  }
  try {
    client.signedIn = { authorization, principal: await access.authenticate(authorization) };
    return true;
  } catch (error) {
    if (!isRefusal(error)) log.error({ err: error }, 'a token could not be checked');
    closeOut(client, error);
    return false;
  }
}

/**
 * Looks at a client's token as if it came anew, and closes the socket where it is refused now: it has expired, was revoked,
 * or its key was taken away. Where that cannot be told just now, the token's own time decides.
 */
export async function checkAgain(client: Client, access: Access): Promise<void> {
  if (!client.signedIn) return;
  const { authorization, principal } = client.signedIn;
  try {
    await access.authenticate(authorization);
  } catch (error) {
    if (isRefusal(error) || !access.isValid(principal)) closeOut(client, error);
  }
}

/** The sentences about tokens fit into the 123 bytes that there are for a reason. */
function closeOut({ socket }: Client, error: unknown): void {
  if (isRefusal(error)) socket.close(CloseCode.Unauthorized, error.message);
  else socket.close(tryAgainLater, 'The token cannot be checked just now. Connect again in some seconds.');
}

function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'UNAUTHENTICATED';
}
