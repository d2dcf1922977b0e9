import { createRemoteJWKSet, errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { AppError } from '../errors';
import { type Claims, readClaims } from './claims';
import type { Keys } from './keys';
import { ownAlgorithm, ownIssuer } from './makeToken';
import type { Principal } from './principal';
import { idOfContent } from './tokenId';

/** How far the clocks of whoever makes tokens may differ from ours. */
export const clockToleranceMs = 5_000;

/** Public keys alone: what an identity provider shows to everybody must not be taken for a shared secret. */
const providerAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

export interface ProviderTimes {
  timeoutMs: number;
  /** An unknown key makes us look for new ones, but not more often than this. */
  cooldownMs: number;
  /** After this, the keys are fetched again: those that are gone hold no longer. */
  cacheMs: number;
}
export const providerTimes: ProviderTimes = { timeoutMs: 3_000, cooldownMs: 30_000, cacheMs: 600_000 };

export type CheckToken = (token: string) => Promise<Principal>;

/**
 * Makes a function that checks a token's signature, times, issuer, audience and claims.
 * @throws AppError by the function made: UNAUTHENTICATED; UNAVAILABLE when the provider's keys cannot be had
 */
export function createTokenCheck(
  keys: Keys,
  now: () => number,
  times: ProviderTimes = providerTimes,
): CheckToken {
  const verify = keys.kind === 'secret' ? bySecret(keys.bytes) : byProvider(keys, times);
  return async (token) => {
    if (!isCanonical(token)) throw notValid();
    const claims = await verify(token, new Date(now())).catch((error) => {
      throw inWords(error);
    });
    return readClaims(claims, () => idOfContent(token));
  };
}

/**
 * Whether a token is written as RFC 7515 has it: three parts in base64url, without padding and with no bit that says
 * nothing. Readers of base64 take other texts for the same bytes, and one token would have many.
 */
function isCanonical(token: string): boolean {
  const parts = token.split('.');
  return parts.length === 3 && parts.every((part) => toBase64url(part) === part);
}

function toBase64url(text: string): string {
  return Buffer.from(text, 'base64url').toString('base64url');
}

type Verify = (token: string, currentDate: Date) => Promise<Claims>;

const always = {
  requiredClaims: ['exp', 'sub'],
  clockTolerance: clockToleranceMs / 1_000,
} satisfies JWTVerifyOptions;

function bySecret(secret: Uint8Array): Verify {
  const options = { ...always, algorithms: [ownAlgorithm], issuer: ownIssuer, audience: ownIssuer };
  return async (token, currentDate) =>
    (await jwtVerify(token, secret, { ...options, requiredClaims: ['exp', 'sub', 'jti'], currentDate }))
      .payload;
}

function byProvider(
  { jwksUrl, issuer, audience }: Keys & { kind: 'provider' },
  times: ProviderTimes,
): Verify {
  const findKey = remoteKeys(jwksUrl, times);
  const options = { ...always, algorithms: providerAlgorithms, issuer, audience };
  const keyOrUnavailable: JWTVerifyGetKey = async (header, token) => {
    try {
      return await findKey(header, token);
    } catch (error) {
      throw isAboutToken(error) ? error : keysUnavailable(error);
    }
  };
  return async (token, currentDate) =>
    (await jwtVerify(token, keyOrUnavailable, { ...options, currentDate })).payload;
}

/**
 * The provider's keys, fetched again when they are old or lack one. When that is goes by the time that has passed. The
 * library by itself goes by the clock: set back by a day, it would keep keys that are gone, and miss new ones, for a day.
 */
function remoteKeys(jwksUrl: string, { timeoutMs, cooldownMs, cacheMs }: ProviderTimes): JWTVerifyGetKey {
  const never = Number.POSITIVE_INFINITY;
  const fetched = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: timeoutMs,
    cooldownDuration: never,
    cacheMaxAge: never,
  });
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  const fetchAgain = async () => {
    await fetched.reload();
    fetchedAtMs = performance.now();
  };
  const isOlderThan = (ageMs: number) => performance.now() - fetchedAtMs >= ageMs;
  return async (header, token) => {
    if (isOlderThan(cacheMs)) await fetchAgain();
    try {
      return await fetched(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !isOlderThan(cooldownMs)) throw error;
      await fetchAgain();
      return fetched(header, token);
    }
  };
}

/** The provider has answered, and has no key for this token. */
function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

function keysUnavailable(cause: unknown): AppError {
  const failure = new AppError(
    'UNAVAILABLE',
    'The keys of the identity provider cannot be fetched just now, so that nobody new can be let in. ' +
      'Send this again in a few seconds.',
  );
  // For the log alone.
  failure.cause = cause;
  return failure;
}

/** Why a token is refused matters to nobody who has an honest one, but for its end. */
function inWords(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return error instanceof errors.JWTExpired
    ? new AppError('UNAUTHENTICATED', 'The token has expired. Sign in again.')
    : notValid();
}

/** What every token is told that was not made for this service. */
export function notValid(): AppError {
  return new AppError('UNAUTHENTICATED', 'The token is not valid here. Sign in again.');
}
