const { project } = require('./project');

/** Everything but what is PostgreSQL's own. */
module.exports = project('sqlite', { testPathIgnorePatterns: ['/test/postgres/'] });
