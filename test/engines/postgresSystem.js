const { onPostgres } = require('./engines');

module.exports = onPostgres('system');
