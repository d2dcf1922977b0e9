/**
 * What one client may ask of the service: every limit with its setting, its default and what an operator may choose. Limits
 * of the domain, such as the size of a page, are in values/checks.ts.
 */
export const limitSettings = {
  /** Names, numbers, brackets and so on of a GraphQL document. */
  queryTokens: { setting: 'MAX_QUERY_TOKENS', byDefault: 1_000, from: 200, to: 2_500 },
  /** Fields inside each other. What the playground asks the schema goes 15 deep. */
  queryDepth: { setting: 'MAX_QUERY_DEPTH', byDefault: 15, from: 15, to: 100 },
  /** Also fields that are asked for twice in one place: GraphQL compares each with each. */
  queryAliases: { setting: 'MAX_QUERY_ALIASES', byDefault: 50, from: 0, to: 1_000 },
  /** Uses of named fragments. */
  queryFragments: { setting: 'MAX_QUERY_FRAGMENTS', byDefault: 50, from: 0, to: 1_000 },
  /**
   * Objects that the answer may come to, and elements of the lists it is asked with. A batch of 10,000 events that asks for
   * every field of its outcomes comes to 160,000.
   */
  queryCost: { setting: 'MAX_QUERY_COST', byDefault: 200_000, from: 20_000, to: 10_000_000 },
  /** Values in a request, with their brackets. A batch of 10,000 events has 60,000. */
  inputValues: { setting: 'MAX_INPUT_VALUES', byDefault: 100_000, from: 1_000, to: 1_000_000 },
  /** Of one object. */
  inputKeys: { setting: 'MAX_INPUT_KEYS', byDefault: 200, from: 20, to: 10_000 },
  bodyBytes: { setting: 'MAX_BODY_BYTES', byDefault: 1_048_576, from: 65_536, to: 67_108_864 },
  /** Of registerEvents alone: room for 10,000 events with long reasons. */
  batchBodyBytes: { setting: 'MAX_BATCH_BODY_BYTES', byDefault: 16_777_216, from: 65_536, to: 67_108_864 },
  /** 0: no limit. */
  requestsOfPrincipal: { setting: 'MAX_REQUESTS_PER_MINUTE', byDefault: 6_000, from: 0, to: 10_000_000 },
  /** More than for one, as many may share an address. 0: no limit. */
  requestsOfAddress: {
    setting: 'MAX_ADDRESS_REQUESTS_PER_MINUTE',
    byDefault: 12_000,
    from: 0,
    to: 10_000_000,
  },
  /** To send a request, and again to answer it. */
  requestSeconds: { setting: 'MAX_REQUEST_SECONDS', byDefault: 30, from: 1, to: 3_600 },
  /** Bodies, answers that are worked out, and answers that nobody has read yet. 0: four tenths of the heap. */
  bytesInProgress: { setting: 'MAX_BYTES_IN_PROGRESS', byDefault: 0, from: 0, to: 1_000_000_000_000 },
  /** Half of them for one address, and half for live connections. */
  connections: { setting: 'MAX_CONNECTIONS', byDefault: 1_000, from: 10, to: 100_000 },
} as const satisfies Record<string, { setting: string; byDefault: number; from: number; to: number }>;

export type LimitName = keyof typeof limitSettings;
export type Limits = Readonly<Record<LimitName, number>>;

/** How to raise a limit, for the end of the sentence that refuses. */
export function settingOf(name: LimitName): string {
  return `(the service's setting ${limitSettings[name].setting})`;
}
