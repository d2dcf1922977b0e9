const { project } = require('./project');

/** Everything but what is PostgreSQL's own. */
exports.onSqlite = (kind) => project('sqlite', kind, { testPathIgnorePatterns: ['/test/postgres/'] });

/** What has nothing to do with an engine, and what SQLite alone has (its files, its plans, its threads): once is enough. */
const ownToSqlite = [
  'architecture|bench|config|schema',
  '(values|web)/[^/]+',
  'access/(provider|tokens)',
  'export/(backup|output|plans)',
  'import/(files|readRecords)',
  'integrity/damage',
  'operation/(configuration|container|logOutput|memory|observability|requestLog)',
  'server/(connections|documents|errors|examples|headers|limits|numbers|overHttp)',
  'storage/(faults|fullDisk|log|movedFile|privateFiles|serviceLock|threads)',
].map((files) => `/test/(${files})(\\.system)?\\.test\\.ts$`);

/** Where TEST_POSTGRES_URL names a server, on which databases may be created, the other files run on it, too. */
exports.onPostgres = (kind) =>
  project('postgres', kind, {
    ...(process.env.TEST_POSTGRES_URL ? {} : { testMatch: ['**/set TEST_POSTGRES_URL'] }),
    testPathIgnorePatterns: ownToSqlite,
  });
