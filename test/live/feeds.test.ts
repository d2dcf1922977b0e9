import { buildSchema, type FormattedExecutionResult, type GraphQLSchema, parse } from 'graphql';
import { anonymous, type Principal } from '../../src/platform/access/principal';
import { AppError } from '../../src/platform/errors';
import type { Context } from '../../src/platform/graphql/context';
import { type FeedOptions, Feeds, type Operation } from '../../src/platform/live/feeds';
import { tellErrors } from '../../src/platform/server/formatError';
import { ChangeFeed } from '../../src/platform/storage/core/changeFeed';
import { Changes } from '../../src/platform/storage/core/changes';

const query = 'subscription { number }';
const changed = new Changes();
changed.add('note', [[1]]);

/** Feeds over a number that a test sets, and what they have cost. */
function numberFeeds() {
  const source = new ChangeFeed(async (feed) => feed.open());
  const state = { read: async (): Promise<number> => 0, readings: 0, failures: [] as unknown[], source };
  const schema: GraphQLSchema = buildSchema('type Query { number: Int } type Subscription { number: Int }');
  const { number: field } = schema.getSubscriptionType()?.getFields() ?? {};
  if (!field) throw new Error('the schema has no subscription');
  field.subscribe = () => source.follow();
  field.resolve = () => {
    state.readings += 1;
    return state.read();
  };
  const options: FeedOptions = {
    createContext: (principal) => ({ principal, requestId: 'r1' }) as Context,
    tell: ({ errors, ...result }, { requestId }) => ({
      ...result,
      ...(errors && {
        errors: tellErrors(errors, requestId, { error: (details) => state.failures.push(details) }),
      }),
    }),
    onFailure: (error) => state.failures.push(error),
  };
  const feeds = new Feeds(options);
  const subscribe = async (principal: Principal = anonymous, variableValues = {}) => {
    const operation: Operation = {
      schema,
      document: parse(query),
      query,
      variableValues,
      operationName: null,
      principal,
    };
    const results = await feeds.subscribe(operation);
    if (!(Symbol.asyncIterator in results)) throw new Error(`refused: ${JSON.stringify(results)}`);
    return results;
  };
  return { state, feeds, subscribe };
}

async function next(results: AsyncIterator<FormattedExecutionResult>): Promise<FormattedExecutionResult> {
  const { value, done } = await results.next();
  if (done) throw new Error('it has ended');
  return value;
}

describe('a feed', () => {
  test('is read once for all who share it, and by itself for whoever may see something else', async () => {
    const { state, feeds, subscribe } = numberFeeds();
    const same = await Promise.all(Array.from({ length: 100 }, () => subscribe()));
    const manager: Principal = { ...anonymous, role: 'MANAGER', unitId: 1 };
    const others = [
      await subscribe(anonymous, { filter: {} }),
      await subscribe(manager),
      await subscribe({ ...manager, unitId: 2 }),
    ];
    await Promise.all([...same, ...others].map(next));
    expect(feeds.size).toBe(4);
    const before = state.readings;
    state.read = async () => 1;
    state.source.publish(changed);
    expect(await Promise.all([...same, ...others].map(next))).toEqual(
      Array(103).fill({ data: { number: 1 } }),
    );
    expect(state.readings - before).toBe(4);
    await Promise.all([...same, ...others].map((results) => results.return?.()));
    expect([feeds.size, state.source.isFollowed]).toEqual([0, false]);
  });

  test('shows somebody who comes later what is there now, and the others nothing again', async () => {
    const { state, subscribe } = numberFeeds();
    const first = await subscribe();
    await next(first);
    let isTold = false;
    const told = first.next().then(() => {
      isTold = true;
    });
    expect(await next(await subscribe())).toEqual({ data: { number: 0 } });
    expect(isTold).toBe(false);
    state.read = async () => 2;
    state.source.publish(changed);
    await told;
  });

  test('is read again for what has changed while it was being read', async () => {
    const { state, subscribe } = numberFeeds();
    const results = await subscribe();
    await next(results);
    let number = 1;
    state.read = async () => {
      const seen = number;
      if (number === 1) {
        number = 2;
        state.source.publish(changed);
      }
      return seen;
    };
    state.source.publish(changed);
    expect(await next(results)).toEqual({ data: { number: 1 } });
    expect(await next(results)).toEqual({ data: { number: 2 } });
  });

  test('gives a slow reader the newest alone', async () => {
    const { state, subscribe } = numberFeeds();
    const [slow, quick] = [await subscribe(), await subscribe()];
    await Promise.all([next(slow), next(quick)]);
    for (const number of [1, 2, 3]) {
      state.read = async () => number;
      state.source.publish(changed);
      expect(await next(quick)).toEqual({ data: { number } });
    }
    expect(await next(slow)).toEqual({ data: { number: 3 } });
  });

  test('is read again by itself when it could not be read just now', async () => {
    const { state, subscribe } = numberFeeds();
    const results = await subscribe();
    await next(results);
    state.read = async () => {
      state.read = async () => 1;
      throw new AppError('OVERLOADED', 'Too much is asked for just now.');
    };
    state.source.publish(changed);
    expect(await next(results)).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED' } }] });
    expect(await next(results)).toEqual({ data: { number: 1 } });
  });

  test('tells nothing of a bug but the request under which it is logged, and goes on', async () => {
    const { state, subscribe } = numberFeeds();
    const results = await subscribe();
    await next(results);
    state.read = async () => {
      throw new TypeError('select secret from somewhere');
    };
    state.source.publish(changed);
    const { errors } = await next(results);
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL', requestId: 'r1' } }]);
    expect(JSON.stringify(errors)).not.toContain('secret');
    expect(state.failures).toMatchObject([
      { requestId: 'r1', err: { message: 'select secret from somewhere' } },
    ]);
    state.read = async () => 1;
    state.source.publish(changed);
    expect(await next(results)).toEqual({ data: { number: 1 } });
  });

  test('ends when its source does', async () => {
    const { state, feeds, subscribe } = numberFeeds();
    const results = await subscribe();
    await next(results);
    const waiting = results.next();
    await state.source.close();
    expect((await waiting).done).toBe(true);
    expect(feeds.size).toBe(0);
  });
});
