const { project } = require('./project');

/** Tests of no database at all, and of what SQLite alone has: its files, its plans, its threads. */
const ownToSqlite = [
  '/test/(architecture|config|schema)\\.test\\.ts$',
  '/test/(values|web)/',
  '/test/operation/(configuration|container|observability)\\.test\\.ts$',
  '/test/export/(backup|plans)\\.test\\.ts$',
  '/test/integrity/damage\\.test\\.ts$',
  '/test/storage/(faults|fullDisk|log|movedFile|privateFiles|serviceLock|threads)\\.test\\.ts$',
];

/** Where TEST_POSTGRES_URL names a server, on which databases may be created, the same files run on it. */
module.exports = project('postgres', {
  ...(process.env.TEST_POSTGRES_URL ? {} : { testMatch: ['**/set TEST_POSTGRES_URL'] }),
  testPathIgnorePatterns: ownToSqlite,
  // Where TEST_CITUS names workers (see support/cluster.ts), whose commits are made on every node.
  ...(process.env.TEST_CITUS && { setupFilesAfterEnv: ['<rootDir>/test/engines/patience.js'] }),
});
