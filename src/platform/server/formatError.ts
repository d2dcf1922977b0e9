import type { ApolloServerPlugin, GraphQLRequest, GraphQLResponse } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { AppError, type ErrorCode, errorCodes } from '../errors';
import type { Context } from '../graphql/context';
import { firstCharacters } from '../values/text';

/** Errors of one request: each is a sentence, with what the client has sent in it. */
export const maxErrorCount = 10;

/** Where unexpected failures are written down whole. */
export interface ErrorLog {
  error(details: object, message: string): void;
}

/**
 * What a client sees of an error: an expected failure with its code and field, a request that GraphQL itself refuses
 * with its sentence, and of everything else nothing but the request id under which it is logged.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const cause = causeOf(error);
  const { locations, path } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  if (cause instanceof AppError) {
    const { code, message, field, details } = cause;
    return { message, ...place, extensions: { ...details, code, ...(field !== undefined && { field }) } };
  }
  if (isGraphqlRefusal(formatted)) {
    const field = coercedField(formatted.message);
    const code = formatted.extensions?.code;
    return { message: inShort(formatted.message), ...place, extensions: { code, ...(field && { field }) } };
  }
  const requestId = formatted.extensions?.requestId;
  const where = requestId === undefined ? '' : ` Quote the request id ${requestId} when you report it.`;
  return {
    message: `Something went wrong inside the service.${where}`,
    ...place,
    extensions: { code: 'INTERNAL' satisfies ErrorCode, ...(requestId !== undefined && { requestId }) },
  };
}

/** Logs what was not expected, under the request id; sets the HTTP status of failures that ask to come back later. */
export function errorPlugin(log: ErrorLog): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, contextValue }) {
          blameValues(errors);
          logUnexpected(errors, contextValue.requestId, log);
        },
        async willSendResponse({ errors, request, response, contextValue: { outcome, requestId } }) {
          for (const err of outcome.failures ?? []) {
            log.error({ requestId, err }, 'a part of a request failed unexpectedly');
          }
          if (!errors || hasData(response.body)) return;
          if (wantsPlainJson(request) && errors.every(isAnswer)) response.http.status = 200;
          for (const error of errors) {
            const cause = causeOf(error);
            if (isBadValue(error)) response.http.status ??= 400;
            if (!(cause instanceof AppError) && !isUnexpected(error, cause)) continue;
            const { status, ...rest } = errorCodes[cause instanceof AppError ? cause.code : 'INTERNAL'];
            if (status === 200) continue;
            response.http.status = status;
            if (status === 401) response.http.headers.set('www-authenticate', 'Bearer');
            if ('retryAfterSeconds' in rest) {
              response.http.headers.set('retry-after', String(rest.retryAfterSeconds));
            }
          }
        },
      };
    },
  };
}

/** What a client sees of the errors of an operation that does not pass through Apollo Server; logs what was not expected. */
export function tellErrors(
  errors: readonly GraphQLError[],
  requestId: string,
  log: ErrorLog,
): GraphQLFormattedError[] {
  blameValues(errors);
  logUnexpected(errors, requestId, log);
  return errors.map((error) => formatError(error.toJSON(), error));
}

/** Gives the errors of values that were sent their code: GraphQL gives it none, or not to all of them. */
function blameValues(errors: readonly GraphQLError[]): void {
  for (const error of errors) {
    if (isBadValue(error)) error.extensions.code ??= 'BAD_USER_INPUT' satisfies ErrorCode;
  }
}

/**
 * Whether GraphQL itself has refused a value, and no resolver was asked: a variable that is of another type, or one that
 * leaves an argument empty which must not be; also when there were too many such errors to name.
 */
function isBadValue({ path, nodes, message, originalError }: GraphQLError): boolean {
  if (nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION) return true;
  if (path === undefined) return nodes === undefined ? tooManyValues.test(message) : isAboutArgument(message);
  return originalError instanceof GraphQLError && nodes !== undefined && isAboutArgument(message);
}

const tooManyValues = /^Too many errors processing variables/;

function isAboutArgument(message: string): boolean {
  return /^Argument "\w+" /.test(message);
}

function logUnexpected(errors: readonly GraphQLError[], requestId: string, log: ErrorLog): void {
  for (const error of errors) {
    const cause = causeOf(error);
    if (!isUnexpected(error, cause)) continue;
    (error.extensions as Record<string, unknown>).requestId = requestId;
    log.error({ requestId, err: cause }, 'a request failed unexpectedly');
  }
}

/** What was thrown: by a resolver, or by a plugin before any of them ran. */
function causeOf(error: unknown): unknown {
  const isEarly = error instanceof GraphQLError && error.originalError instanceof AppError;
  return isEarly ? error.originalError : unwrapResolverError(error);
}

const refusals = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

function isGraphqlRefusal(formatted: GraphQLFormattedError): boolean {
  return refusals.has(String(formatted.extensions?.code));
}

/** An answer to what was asked, as the specification of GraphQL over HTTP has it, and no failure of HTTP. */
const answers = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

function isAnswer({ extensions }: GraphQLError): boolean {
  return answers.has(String(extensions.code));
}

/**
 * Whoever asks for `application/json`, and not for `application/graphql-response+json`, takes any other status than 200
 * for an answer of something between it and GraphQL.
 */
function wantsPlainJson({ http }: GraphQLRequest): boolean {
  const accepted = http?.headers.get('accept') ?? '';
  return accepted.includes('application/json') && !accepted.includes('graphql-response');
}

/** Values that were sent are shown as they came, and may be as long as the body; and nobody is helped to guess names. */
function inShort(message: string): string {
  const sentence = message.replace(/ ?Did you mean .*\?$/s, '');
  return sentence.length <= maxMessageCharacters
    ? sentence
    : `${firstCharacters(sentence, maxMessageCharacters)} …`;
}
const maxMessageCharacters = 500;

function isUnexpected(error: GraphQLError, cause: unknown): boolean {
  if (cause instanceof AppError) return cause.code === 'UNAVAILABLE';
  return !refusals.has(String(error.extensions.code));
}

/** Whether anything was answered beside the errors: then the request as a whole has not failed. */
function hasData(body: GraphQLResponse['body']): boolean {
  const data = body.kind === 'single' ? body.singleResult.data : body.initialResult.data;
  return Object.values(data ?? {}).some((value) => value !== null);
}

/** GraphQL names the field of a bad variable in its sentence only: `… at "input.amount"; …`, or `argument "first"`. */
function coercedField(message: string): string | undefined {
  const [, variable, path] =
    /^Variable "\$(\w+)" got invalid value .* at "(\w+(?:\.\w+|\[\d+\])*)"; /s.exec(message) ?? [];
  return path !== undefined && path.length <= maxFieldCharacters
    ? path.replace(`${variable}.`, '')
    : undefined;
}
/** Of a longer one the client has made up the names. */
const maxFieldCharacters = 200;
