import { makeToken, type TokenWish } from '../../src/platform/access/makeToken';

/** What all tests sign their tokens with. */
export const testSecret = 'a secret that everybody may read, for tests alone';

const threeCenturiesMs = 300 * 366 * 86_400_000;

/** Makes a token, an administrator's where nothing else is wished, that holds whatever clock a test sets. */
export async function testToken(wish: Partial<TokenWish> = {}): Promise<string> {
  const whole = { role: 'ADMIN', name: 'the administrator', lifetimeMs: threeCenturiesMs, ...wish } as const;
  return (await makeToken(Buffer.from(testSecret), whole, Date.parse('2000-01-01T00:00:00Z'))).token;
}

/** The header of an administrator, for requests that a test sends by itself. */
export async function adminHeader(): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${await testToken()}` };
}
