import '../src/production';
import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Arg, Float, Int, Mutation, Query, Resolver } from 'type-graphql';
import { readConfig } from '../src/config';
import {
  Event,
  RegisterEventInput,
  RegisterEventOutcome,
  RegisterEventPayload,
} from '../src/events/event.types';
import { createServer } from '../src/server/createServer';
import { openService } from '../src/service';
import { defaultWriteQueueLimits } from '../src/storage/writeQueue';

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

/** What the server answers when it does nothing: the ceilings of registerEvent. */
@Resolver()
class NothingResolver {
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

  @Query(() => Float, { description: 'Resident memory of the process.' })
  residentBytes(): number {
    return process.memoryUsage.rss();
  }

  @Mutation(() => Boolean, { description: 'The smallest mutation there is.' })
  nothing(): boolean {
    return true;
  }
}

/**
 * The service as a process of its own, with a mutation that does nothing beside the real ones. Takes the number of
 * inputs in one transaction as its argument (1: a transaction for each mutation), and prints its port.
 */
async function main(): Promise<void> {
  const batchInputs = Number(process.argv[2] ?? defaultWriteQueueLimits.batchInputs);
  const service = await openService(readConfig(), {
    writeQueueLimits: { ...defaultWriteQueueLimits, batchInputs },
  });
  const server = await createServer(service, { moreResolvers: [NothingResolver] });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  process.stdout.write(`${address}\n`);
  process.once('SIGTERM', async () => {
    await server.close();
    await service.close();
  });
}

main();
