import { parse, validate } from 'graphql';
import { createSchema } from '../../src/platform/server/schema';
import { subsystems } from '../../src/subsystems';
import { describeOperations } from '../../src/web/reference/describeOperations';
import { createWorld } from '../access/world';
import { looks, pagesForTests, seriousViolations, walk } from './browser';

describe('the examples of the API page', () => {
  const schema = createSchema(subsystems);
  const operations = describeOperations(schema);

  test('there is one for every operation, and each is valid', () => {
    const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
      (type) => Object.keys(type?.getFields() ?? {}),
    );
    expect(operations.map(({ name }) => name)).toEqual(fields);
    for (const { name, example } of operations) {
      expect([name, validate(schema, parse(example))]).toEqual([name, []]);
    }
  });

  test('every query and mutation is understood by the service, variables too', async () => {
    const { api } = await createWorld();
    for (const { kind, name, example, variables } of operations) {
      if (kind === 'subscription') continue;
      const { errors = [] } = await api.ask(example, variables);
      const codes = errors.map(({ extensions }) => extensions?.code);
      expect([name, codes.filter((code) => /GRAPHQL|INTERNAL|BAD_REQUEST/.test(String(code)))]).toEqual([
        name,
        [],
      ]);
    }
    await api.close();
  });
});

describe('the API page, in a real browser', () => {
  const pages = pagesForTests();
  const developer = { role: 'ANALYST', name: 'Dan' } as const;

  walk('finds an operation, and shows an example of it', async () => {
    const page = await pages.open('/api', { as: developer });
    await page.getByLabel('Find an operation').fill('reportch');
    const card = page.getByRole('article', { name: 'reportChanged' });
    await card.getByText('Example', { exact: true }).click();
    await card.getByText('subscription ReportChanged($filter: ReportFilter)').waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
  });

  walk.each(looks)('hinders nobody, %s', async (_name, look) => {
    const page = await pages.open('/api', { as: developer, ...look });
    await page.getByRole('article', { name: 'reportChanged' }).waitFor();
    await page.getByText('Example', { exact: true }).first().click();
    expect(await seriousViolations(page)).toEqual([]);
  });
});
