import type { FastifyRequest } from 'fastify';
import {
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';
import type { BodyLimits } from './body';
import { costOf, type Variables } from './cost';
import { Documents } from './documents';
import { checkJsonShape } from './jsonShape';

/** What a request asks GraphQL for; of what is malformed GraphQL says what is wrong. */
export interface Asked {
  query: unknown;
  operationName: unknown;
  variables: unknown;
}

/** An operation that is within the limits, and the document that it stands in. */
export interface CheckedOperation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  /** How many objects its answer may come to. */
  cost: number;
}

/**
 * Makes the check that every operation passes before GraphQL itself, whatever way it came. It costs a document that was
 * seen before some microseconds.
 * @returns by the function made: undefined for what is no operation; GraphQL says why
 * @throws AppError by the function made: one of the limits' codes
 */
export function createOperationCheck(schema: GraphQLSchema, limits: Limits) {
  const documents = new Documents(limits);
  return ({ query, operationName, variables }: Asked): CheckedOperation | undefined => {
    const document = typeof query === 'string' ? documents.read(query) : undefined;
    const operation =
      document && getOperationAST(document, typeof operationName === 'string' ? operationName : undefined);
    if (!document || !operation) return undefined;
    const cost = costOf(schema, document, operation, isObject(variables) ? variables : {});
    if (cost <= limits.queryCost) return { document, operation, cost };
    throw new AppError(
      'QUERY_TOO_COSTLY',
      `The answer must come to at most ${limits.queryCost} objects ${settingOf('queryCost')}; with full pages this one ` +
        `could come to ${cost}, four plain fields counting as one. Ask for smaller pages, or for less at a time.`,
    );
  };
}

export type OperationCheck = ReturnType<typeof createOperationCheck>;

/**
 * Makes the check that every GraphQL request passes.
 * @returns by the function made: undefined for what is no operation; GraphQL says why
 * @throws AppError by the function made: one of the limits' codes, or BAD_REQUEST
 */
export function createRequestCheck(
  checkOperation: OperationCheck,
  bodies: BodyLimits,
  limits: Limits,
): (request: FastifyRequest) => CheckedOperation | undefined {
  return (request) => {
    const checked = checkOperation(readAsked(request, limits));
    bodies.requireOf(request, checked ? rootFieldsOf(checked.operation) : []);
    if (checked?.operation.operation !== OperationTypeNode.SUBSCRIPTION) return checked;
    throw new AppError(
      'BAD_REQUEST',
      'Subscriptions are answered over WebSocket: the same address with ws:// or wss://, subprotocol graphql-transport-ws.',
    );
  };
}

function readAsked(request: FastifyRequest, limits: Limits): Asked {
  if (request.method === 'GET') return readSearch(request.query as Record<string, unknown>, limits);
  const { body } = request;
  if (Array.isArray(body)) {
    throw new AppError(
      'BATCHING_REFUSED',
      'The body must be one operation; send several as several requests.',
    );
  }
  if (!isObject(body)) {
    throw new AppError('BAD_REQUEST', 'The body must be a JSON object, as in {"query": "{ ping }"}.');
  }
  const { query, operationName, variables } = body;
  if (query !== undefined && query !== null && typeof query !== 'string') {
    throw new AppError('BAD_REQUEST', 'query must be a text, as in {"query": "{ ping }"}.');
  }
  return { query, operationName, variables };
}

/** By GET, values come as JSON in the address. */
function readSearch(
  { query, operationName, variables, extensions }: Record<string, unknown>,
  limits: Limits,
): Asked {
  for (const text of [variables, extensions]) {
    if (typeof text !== 'string' || checkJsonShape(Buffer.from(text), limits).length === 0) continue;
    throw new AppError(
      'BAD_USER_INPUT',
      'variables must hold no number with more digits than can be kept exactly; write ids as texts.',
      'variables',
    );
  }
  return { query, operationName, variables: typeof variables === 'string' ? parsed(variables) : undefined };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function rootFieldsOf({ selectionSet }: OperationDefinitionNode): string[] {
  return selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? selection.name.value : [],
  );
}

function isObject(value: unknown): value is Variables {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
