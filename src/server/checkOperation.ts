import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';

/** An operation as a client sends it, whatever way it came. */
export interface SentOperation {
  query: string;
  operationName?: string | null | undefined;
}

/**
 * Reads and validates a subscription. Everything that limits what one may ask for belongs here, too: these operations
 * do not pass through Apollo Server.
 * @returns the errors, with their codes, where it is refused
 */
export function checkSubscription(
  schema: GraphQLSchema,
  { query, operationName }: SentOperation,
): DocumentNode | readonly GraphQLError[] {
  const document = parseOrRefuse(query);
  if (document instanceof GraphQLError) return [document];
  const operation = getOperationAST(document, operationName);
  if (!operation) return [refusal('OPERATION_RESOLUTION_FAILURE', unknownOperation(operationName))];
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
    return [
      refusal('BAD_REQUEST', 'Here are subscriptions alone; send queries and mutations by POST /graphql.'),
    ];
  }
  const errors = validate(schema, document);
  return errors.length === 0 ? document : errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
}

function parseOrRefuse(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query);
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

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

export function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions.code = code;
  return error;
}
