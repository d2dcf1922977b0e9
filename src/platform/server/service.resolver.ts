import { Ctx, Field, Float, ObjectType, Query, Resolver } from 'type-graphql';
import type { Context } from '../graphql/context';
import { version } from './version';

@ObjectType('Service', { description: 'What this service is and how it counts.' })
class ServiceView {
  @Field({ description: "The service's version." })
  version: string;

  @Field({ description: 'The zone whose calendar months reports count in, by its IANA name.' })
  timeZone: string;

  @Field({ description: 'The currency of event types created without one, as in ISO 4217.' })
  currency: string;

  @Field(() => Float, { description: 'Events older than this many hours need a `lateReason`.' })
  lateEntryLimitHours: number;
}

@Resolver()
export class ServiceResolver {
  @Query(() => String, { description: 'Answers "pong" without touching the database.' })
  ping(): string {
    return 'pong';
  }

  @Query(() => ServiceView, { description: 'What this service is and how it counts.' })
  service(@Ctx() { service }: Context): ServiceView {
    const { timeZone, currency, lateEntryLimitHours } = service.config;
    return { version, timeZone, currency, lateEntryLimitHours };
  }
}
