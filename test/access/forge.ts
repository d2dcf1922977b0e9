import { createHmac } from 'node:crypto';
import { testSecret } from '../support/tokens';

/** Makes tokens by hand, good and bad ones, by none of the service's own code nor its libraries. */
export type Sign = (text: string) => Buffer;

export const nowSeconds = () => Math.floor(Date.now() / 1_000);

export const goodHeader = { alg: 'HS256', typ: 'JWT' };
export const goodClaims = () => ({
  iss: 'caretally',
  aud: 'caretally',
  sub: 'admin',
  name: 'forged',
  jti: 'an id',
  role: 'ADMIN',
  iat: nowSeconds(),
  exp: nowSeconds() + 3_600,
});

export const bySecret =
  (secret: string | Buffer = testSecret, hash = 'sha256'): Sign =>
  (text) =>
    createHmac(hash, secret).update(text).digest();

export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

export function forge(header: unknown, claims: unknown, sign: Sign = bySecret()): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${sign(text).toString('base64url')}`;
}

/** A token as the service makes them, with other claims; what is undefined is left out. */
export function withClaims(claims: object): string {
  return forge(goodHeader, { ...goodClaims(), ...claims });
}
