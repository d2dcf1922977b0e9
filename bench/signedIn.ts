import { makeToken } from '../src/platform/access/makeToken';

/** What the servers of the benchmarks are started with. */
export const benchSecret = 'a secret that everybody may read, for benchmarks alone';

const day = 24 * 3_600_000;
const made = makeToken(
  Buffer.from(benchSecret),
  { role: 'ADMIN', name: 'bench', lifetimeMs: 7 * day },
  Date.now(),
);

/** The header of an administrator: the same in every request, as from one client. */
export async function signedIn(): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${(await made).token}` };
}
