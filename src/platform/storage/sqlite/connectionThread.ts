import { parentPort, workerData } from 'node:worker_threads';

import openDatabase = require('better-sqlite3');

import { guardText } from '../../values/csv';
import { runForEach } from './runForEach';
import type { ThreadAnswer, ThreadOptions, ThreadRequest } from './threadedConnection';

/** The inside of a {@link ThreadedConnection}: takes the requests of a message one after the other, and answers them together. */
const { file, pragmas, readonly } = workerData as ThreadOptions;
const maxStatements = 200;

interface Statement {
  reader: boolean;
  all(...values: unknown[]): unknown[];
  run(...values: unknown[]): { changes: number };
}

// A thread that begins anew must not make a database in the place of one that is gone.
const database = openDatabase(file, { readonly, fileMustExist: true, timeout: 0 });
for (const pragma of pragmas) database.pragma(pragma);
// For csvText of the dialect.
database.function('guard_text', { deterministic: true }, (text) => guardText(text as string));
const statements = new Map<string, Statement>();

parentPort?.on('message', (requests: ThreadRequest[]) => {
  parentPort?.postMessage(requests.map(answer));
});

function answer(request: ThreadRequest): ThreadAnswer {
  try {
    const statement = prepare(request.text);
    if ('rows' in request) return { rows: runForEach(statement, request.rows) };
    if (statement.reader) return { rows: statement.all(...request.values) };
    statement.run(...request.values);
    return { rows: [] };
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    return { error: { message, code } };
  }
}

function prepare(text: string): Statement {
  let statement = statements.get(text);
  if (!statement) {
    statement = database.prepare(text) as Statement;
    statements.set(text, statement);
    if (statements.size > maxStatements) statements.delete(statements.keys().next().value as string);
  }
  return statement;
}
