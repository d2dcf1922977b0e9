import type { AddressInfo } from 'node:net';
import { serverAudits } from 'graphql-http';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
beforeAll(() => api.server.listen({ host: '127.0.0.1', port: 0 }));

/** The audits ask as nobody in particular, and without what keeps foreign pages from asking. */
function asAdministrator(url: string, { headers, ...request }: RequestInit = {}): Promise<Response> {
  const authorization = api.authorization as string;
  return fetch(url, { ...request, headers: { ...headers, authorization, 'apollo-require-preflight': '1' } });
}

function graphqlUrl(): string {
  return `http://127.0.0.1:${(api.server.server.address() as AddressInfo).port}/graphql`;
}

describe('GraphQL over HTTP, by the audits of graphql-http', () => {
  const audits = serverAudits({ url: graphqlUrl, fetchFn: asAdministrator });

  test('there are as many as there were', () => {
    expect(audits.length).toBeGreaterThanOrEqual(60);
  });

  test.each(audits)('$id: $name', async ({ name, fn }) => {
    const result = await fn();
    // What a server only may do, it may leave.
    const isFine = result.status === 'ok' || (result.status === 'notice' && !/\b(MUST|SHOULD)\b/.test(name));
    expect({ ...result, isFine }).toMatchObject({ isFine: true });
  });
});
