const { onSqlite } = require('./engines');

module.exports = onSqlite('quick');
