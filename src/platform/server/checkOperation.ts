import {
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { AppError } from '../errors';
import { maxErrorCount } from './formatError';
import type { Asked, CheckedOperation, OperationCheck } from './limits/requests';

/**
 * Reads and validates a subscription, within the limits that hold for requests: these operations do not pass through
 * Apollo Server.
 * @returns the errors, with their codes, where it is refused
 */
export function checkSubscription(
  schema: GraphQLSchema,
  checkLimits: OperationCheck,
  asked: Asked & { query: string; operationName: string | null },
): CheckedOperation | readonly GraphQLError[] {
  try {
    const checked = checkLimits(asked);
    if (!checked) return [noOperation(asked)];
    if (checked.operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      return [
        refusal('BAD_REQUEST', 'Here are subscriptions alone; send queries and mutations by POST /graphql.'),
      ];
    }
    const errors = validate(schema, checked.document, specifiedRules, {
      maxErrors: maxErrorCount,
      hideSuggestions: true,
    });
    return errors.length === 0
      ? checked
      : errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  } catch (error) {
    return [failureOf(error)];
  }
}

/** Of one operation alone: the others of its connection go on. */
export function failureOf(error: unknown): GraphQLError {
  if (error instanceof AppError) return refusal(error.code, error.message, error);
  return error instanceof GraphQLError
    ? error
    : new GraphQLError(String(error), { originalError: error as Error });
}

/** Why a text has no operation to run. */
function noOperation({
  query,
  operationName,
}: {
  query: string;
  operationName: string | null;
}): GraphQLError {
  try {
    parse(query);
    return refusal('OPERATION_RESOLUTION_FAILURE', unknownOperation(operationName));
  } catch (error) {
    if (error instanceof GraphQLError) return withCode(error, 'GRAPHQL_PARSE_FAILED');
    throw error;
  }
}

function unknownOperation(operationName: string | null | undefined): string {
  return operationName
    ? `The document has no operation named ${JSON.stringify(operationName)}.`
    : 'The document must have one operation, or operationName must name one of them.';
}

function refusal(code: string, message: string, originalError?: AppError): GraphQLError {
  return new GraphQLError(message, { extensions: { code }, originalError });
}

export function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions.code = code;
  return error;
}
