import type { AuthSettings } from '../config';
import { OperatorError } from '../errors';
import { readOrMakeSecret, type Secret } from './secret';

/** What tokens are checked with: the service's own secret, or where an identity provider shows its public keys. */
export type Keys =
  | ({ kind: 'secret' } & Secret)
  | { kind: 'provider'; jwksUrl: string; issuer: string; audience: string };

/**
 * What the settings say, with the secret out of its file where there is one.
 * @throws OperatorError when there is nothing to check tokens with
 */
export function loadKeys(auth: AuthSettings): Keys {
  if (auth.kind === 'provider') return auth;
  if (auth.kind === 'secret') return { kind: 'secret', bytes: Buffer.from(auth.secret), isNew: false };
  if (auth.kind === 'secretFile') return { kind: 'secret', ...readOrMakeSecret(auth.file) };
  throw new OperatorError(
    'On PostgreSQL, AUTH_SECRET (at least 32 bytes, as "openssl rand -base64 48" makes it) or AUTH_JWKS_URL must be ' +
      'given: all instances must take the same tokens.',
  );
}
