import { AppError } from '../../errors';
import type { Database, Reader, ReadFrom } from './database';

/**
 * The database as one request sees it: it reads where it asks to, and from its first write on what it has written, so
 * that the fields of a mutation's answer are never older than the mutation.
 */
export function requestDatabase(database: Database, readFrom: ReadFrom): Database {
  let reader: Reader = readFrom === 'replica' ? database.replicaReader() : database;
  let hasWritten = false;
  const tellWritten = (error: unknown): never => {
    throw hasWritten ? answerLost(error) : error;
  };
  return {
    async write(command, inputs) {
      reader = database;
      const outcomes = await database.write(command, inputs);
      hasWritten ||= outcomes.some((outcome) => 'value' in outcome);
      return outcomes;
    },
    read: (work) => reader.read(work).catch(tellWritten),
    readLong: (work) => reader.readLong(work).catch(tellWritten),
    ageMs: () => reader.ageMs(),
    replicaReader: () => reader,
    watchReplicas: (listener) => database.watchReplicas(listener),
    relyOn: (check) => database.relyOn(check),
    claim: () => database.claim(),
    followChanges: (concerns) => database.followChanges(concerns),
    get queueLength() {
      return database.queueLength;
    },
    watchWrites: (observer) => database.watchWrites(observer),
    findTrouble: () => database.findTrouble(),
    findRisks: () => database.findRisks(),
    readSize: () => database.readSize(),
    close: () => database.close(),
  };
}

/** A read that fails says that nothing was done, which is not so once the request has written. */
function answerLost(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') return error;
  const failure = new AppError(
    'UNAVAILABLE',
    'This was done, but the database cannot be reached just now to read the answer. Do not send the change again; read ' +
      'what you need in a few seconds.',
  );
  failure.cause = error.cause;
  return failure;
}
