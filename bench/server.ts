import '../src/platform/production';
import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Arg, Ctx, Float, Int, Mutation, Query, Resolver } from 'type-graphql';
import { openAccess } from '../src/platform/access/access';
import { loadKeys } from '../src/platform/access/keys';
import { readConfig } from '../src/platform/config';
import type { Context } from '../src/platform/graphql/context';
import { rebuildRollup } from '../src/platform/rollup/rebuildRollup';
import { verifyRollup } from '../src/platform/rollup/verifyRollup';
import { createServer } from '../src/platform/server/createServer';
import { openService } from '../src/platform/service';
import { defaultWriteQueueLimits } from '../src/platform/storage/core/writeQueue';
import { rollupsOf } from '../src/platform/subsystem';
import {
  Event,
  RegisterEventInput,
  RegisterEventOutcome,
  RegisterEventPayload,
} from '../src/reimbursements/events/event.types';
import { subsystems } from '../src/subsystems';

/** It looks every 5 ms, so that what it finds is up to 5 ms longer than the stop. */
const eventLoopDelay = monitorEventLoopDelay({ resolution: 5 });
eventLoopDelay.enable();

/** An event that was never registered. */
const event: Event = {
  id: '0190163d-8694-739b-aea5-966c26f8ad91',
  occurredAt: 0,
  month: 197001,
  amount: 42_000,
  currency: 'SEK',
  reimbursed: false,
  registeredAt: 0,
  lateReason: null,
  deletedAt: null,
  deletedBy: null,
  deleteReason: null,
  caregiverId: 1,
  eventTypeId: 1,
  payoutId: null,
};

/** What the server answers when it does nothing: the ceilings; what it knows of itself; and long work in it. */
@Resolver()
class BenchResolver {
  @Mutation(() => RegisterEventPayload, {
    description: 'Takes and answers what registerEvent does, and does nothing.',
  })
  registerNothing(
    @Arg('input', () => RegisterEventInput, { description: 'Is not looked at.' }) _input: RegisterEventInput,
  ): RegisterEventPayload {
    return { event, replayed: false };
  }

  @Mutation(() => [RegisterEventOutcome], {
    description: 'Takes and answers what registerEvents does, and does nothing.',
  })
  registerNothings(
    @Arg('inputs', () => [RegisterEventInput], { description: 'Are not looked at.' })
    inputs: RegisterEventInput[],
  ): RegisterEventOutcome[] {
    return inputs.map((_, index) => ({ index, event, replayed: false, error: null }));
  }

  @Query(() => String, { description: 'So many bytes, read from nowhere.' })
  bytes(@Arg('count', () => Int, { description: 'How many.' }) count: number): string {
    return 'x'.repeat(count);
  }

  @Query(() => Float, {
    description: 'The longest stop of the event loop since the last time this was asked.',
  })
  longestStopMs(): number {
    const longest = eventLoopDelay.max / 1e6;
    eventLoopDelay.reset();
    return longest;
  }

  @Mutation(() => Int, {
    description: 'What the command verify does, in this process; how many rows differ.',
  })
  async verifyRollups(@Ctx() { service }: Context): Promise<number> {
    let drifts = 0;
    for (const rollup of rollupsOf(subsystems))
      drifts += (await verifyRollup(service.database, rollup)).length;
    return drifts;
  }

  @Mutation(() => Int, {
    description: 'What the command rebuild does, in this process; how many rows were corrected.',
  })
  async rebuildRollups(@Ctx() { service }: Context): Promise<number> {
    let corrected = 0;
    for (const rollup of rollupsOf(subsystems)) corrected += await rebuildRollup(service.database, rollup);
    return corrected;
  }

  @Mutation(() => Boolean, { description: 'The smallest mutation there is.' })
  nothing(): boolean {
    return true;
  }
}

/**
 * The service as a process of its own, with what only benchmarks ask for beside the real schema. Takes the number of
 * inputs in one transaction as its argument (1: a transaction for each mutation), and prints its port.
 */
async function main(): Promise<void> {
  const batchInputs = Number(process.argv[2] ?? defaultWriteQueueLimits.batchInputs);
  const config = readConfig();
  const service = await openService(subsystems, config, {
    writeQueueLimits: { ...defaultWriteQueueLimits, batchInputs },
  });
  const access = await openAccess(service, loadKeys(config.auth));
  const server = await createServer(service, access, { moreResolvers: [BenchResolver] });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  process.once('SIGTERM', async () => {
    await server.close();
    await service.close();
  });
  process.stdout.write(`${address}\n`);
}

main();
