import type { Database, Reader, ReadFrom } from './database';

/**
 * The database as one request sees it: it reads where it asks to, and from its first write on what it has written, so
 * that the fields of a mutation's answer are never older than the mutation.
 */
export function requestDatabase(database: Database, readFrom: ReadFrom): Database {
  let reader: Reader = readFrom === 'replica' ? database.replicaReader() : database;
  return {
    write(command, inputs) {
      reader = database;
      return database.write(command, inputs);
    },
    read: (work) => reader.read(work),
    readLong: (work) => reader.readLong(work),
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
