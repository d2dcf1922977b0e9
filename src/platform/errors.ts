/**
 * Every error code that a client can see, with the HTTP status it travels under. GraphQL answers that carry data
 * keep status 200; the status applies where the whole request fails or where a caller must back off.
 */
export const errorCodes = {
  /** No token, or one that is not valid or no longer. */
  UNAUTHENTICATED: { status: 401 },
  /** The role of the token does not include this. */
  FORBIDDEN: { status: 403 },
  /** A value is missing, malformed or outside its limits; `field` names it. */
  BAD_USER_INPUT: { status: 200 },
  /** No caregiver with this id that the caller may see. */
  UNKNOWN_CAREGIVER: { status: 200 },
  /** No unit with this id that the caller may see. */
  UNKNOWN_UNIT: { status: 200 },
  /** No event type with this id. */
  UNKNOWN_EVENT_TYPE: { status: 200 },
  /** No event with this id that the caller may see. */
  UNKNOWN_EVENT: { status: 200 },
  /** The event type is archived: it keeps its past events and takes no new ones. */
  EVENT_TYPE_ARCHIVED: { status: 200 },
  /** Events refer to the event type, so it cannot be deleted; archive it instead. */
  EVENT_TYPE_IN_USE: { status: 200 },
  /** The event lies further ahead than clocks may differ. */
  EVENT_IN_FUTURE: { status: 200 },
  /** The event is older than the limit for late entries and came without a reason. */
  LATE_ENTRY: { status: 200 },
  /** The id belongs to an event with other content. */
  EVENT_ID_CONFLICT: { status: 200 },
  /** The event is deleted; it counts nowhere and cannot be paid. */
  EVENT_DELETED: { status: 200 },
  /** The event is paid out; it can be neither paid again nor deleted. */
  EVENT_REIMBURSED: { status: 200 },
  /** No unreimbursed event matches, so there is nothing to pay. */
  NOTHING_TO_REIMBURSE: { status: 200 },
  /** A name or external id that must be unique is in use already. */
  ALREADY_EXISTS: { status: 200 },
  /** An identity provider signs the tokens, so that the service can make none. */
  TOKENS_MADE_ELSEWHERE: { status: 200 },
  /** A sum would pass 2^53−1, the largest integer that JSON numbers carry exactly. */
  AMOUNT_TOO_LARGE: { status: 200 },
  /** What was sent is no GraphQL request. GraphQL's own code for it, used before GraphQL is reached, too. */
  BAD_REQUEST: { status: 400 },
  /** The document is not valid against the schema. GraphQL's own code for it, used before GraphQL is reached, too. */
  GRAPHQL_VALIDATION_FAILED: { status: 400 },
  /** There is nothing at this address. */
  NOT_FOUND: { status: 404 },
  /** The body is of another kind than JSON. */
  UNSUPPORTED_MEDIA_TYPE: { status: 415 },
  /** The document has too many tokens. */
  QUERY_TOO_LONG: { status: 400 },
  /** Fields or values lie too deep inside each other. */
  QUERY_TOO_DEEP: { status: 400 },
  /** The document gives too many fields other names, or asks for them twice. */
  TOO_MANY_ALIASES: { status: 400 },
  /** The document uses too many fragments. */
  TOO_MANY_FRAGMENTS: { status: 400 },
  /** The answer could come to too many objects. */
  QUERY_TOO_COSTLY: { status: 400 },
  /** Several operations in one request are not taken. */
  BATCHING_REFUSED: { status: 400 },
  /** Variables hold too many values, or one of their objects too many keys. */
  TOO_MANY_VALUES: { status: 400 },
  /** The body is too long; `registerEvents` alone may have a longer one. */
  BODY_TOO_LARGE: { status: 413 },
  /** Somebody, or somebody's address, has asked too often. `Retry-After` says when to ask again. */
  RATE_LIMITED: { status: 429 },
  /** The request was not sent in time; nothing was done. */
  REQUEST_TOO_SLOW: { status: 408 },
  /** The request was not answered in time. What it was to change may have been changed. */
  TIMEOUT: { status: 503, retryAfterSeconds: 5 },
  /** The write queue is full; nothing was done, and the same request may be sent again. */
  OVERLOADED: { status: 503, retryAfterSeconds: 1 },
  /** The database cannot be reached or written now. The message says whether nothing was done or that is not known. */
  UNAVAILABLE: { status: 503, retryAfterSeconds: 5 },
  /** A bug or a broken machine. Logged whole under the request id, which is all that the client sees. */
  INTERNAL: { status: 500 },
} as const satisfies Record<string, { status: number; retryAfterSeconds?: number }>;

export type ErrorCode = keyof typeof errorCodes;

/** An expected failure: a value of the domain, safe to show to whoever sent the request. */
export class AppError extends Error {
  /**
   * @param code    one of {@link errorCodes}
   * @param message says what would be right, in a sentence
   * @param field   the input field to blame, as a path such as `occurredAt` or `inputs[3].id`
   * @param details what the message speaks of, such as limits and instants, for pages that say it in another language
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly field?: string,
    readonly details?: Readonly<Record<string, string | number | boolean>>,
  ) {
    super(message);
    this.name = 'AppError';
  }
}

/** A failure of start-up or of a command: the sentence tells the operator what to do, and no stack is shown. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
