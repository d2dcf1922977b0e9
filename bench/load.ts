import autocannon from 'autocannon';
import { signedIn } from './signedIn';

export const connections = 64;

export interface Load {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export const registerOperation = (field = 'registerEvent') =>
  `mutation ($input: RegisterEventInput!) { ${field}(input: $input) { event { id } replayed } }`;

/** Bodies of registrations, each with the next input. */
export function registerBodies(nextInput: () => object, field?: string): () => string {
  const query = registerOperation(field);
  return () => JSON.stringify({ query, variables: { input: nextInput() } });
}

/**
 * Sends GraphQL requests from many connections for some seconds, each as soon as the one before is answered.
 * @throws when an answer is not what it should be
 */
export async function measureLoad(origin: string, nextBody: () => string, seconds: number): Promise<Load> {
  const headers = { 'content-type': 'application/json', ...(await signedIn()) };
  const result = await autocannon({
    url: `${origin}/graphql`,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        headers,
        setupRequest: (request) => ({ ...request, body: nextBody() }),
      },
    ],
    verifyBody: (answer) => !String(answer).includes('"errors"'),
  });
  const { non2xx, mismatches, errors, requests, duration, latency } = result;
  if (non2xx > 0 || mismatches > 0 || errors > 0) {
    throw new Error(`${non2xx} refusals, ${mismatches} wrong answers, ${errors} broken connections`);
  }
  return { perSecond: requests.total / duration, p50Ms: latency.p50, p99Ms: latency.p99 };
}
