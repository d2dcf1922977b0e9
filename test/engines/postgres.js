const { onPostgres } = require('./engines');

module.exports = onPostgres('quick');
