import type { Context } from './context';

/** What a subscription begins with: its arguments as GraphQL has read them, and who subscribes. */
export interface Subscribing<Arguments> {
  args: Arguments;
  context: Context;
}
