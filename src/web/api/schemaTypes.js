const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { minifyIntrospection, preprocessIntrospection } = require('@gql.tada/internal');
const { buildSchema, introspectionFromSchema } = require('graphql');

const schemaPath = join(__dirname, '..', '..', '..', 'schema.graphql');
const typesPath = join(__dirname, 'schema.ts');

/** The content of schema.ts: schema.graphql as one type, from which every operation of the pages gets its types. */
function schemaTypes() {
  const schema = buildSchema(readFileSync(schemaPath, 'utf8'));
  const introspection = minifyIntrospection(introspectionFromSchema(schema, { descriptions: false }));
  return `// Generated from schema.graphql by "npm run schema"; a test holds it up to date.\n\nexport type introspection = ${preprocessIntrospection(introspection).trim()};\n`;
}

if (require.main === module) writeFileSync(typesPath, schemaTypes());
module.exports = { schemaTypes, typesPath };
