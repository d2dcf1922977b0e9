import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { createSchema } from '../src/platform/server/schema';
import { schemaText } from '../src/platform/server/schemaText';
import { subsystems } from '../src/subsystems';
import { startTestService } from './support/testService';

describe('the schema', () => {
  test('schema.graphql is what the code says', () => {
    expect(readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8')).toBe(schemaText(subsystems));
  });

  test('the types of the pages are what schema.graphql says', () => {
    const { schemaTypes, typesPath } = require('../src/web/api/schemaTypes');
    expect(readFileSync(typesPath, 'utf8')).toBe(schemaTypes());
  });

  test('every type, field, argument and enum value has a description', () => {
    const missing: string[] = [];
    const check = (path: string, described: { description?: string | null | undefined }) => {
      if (!described.description?.trim()) missing.push(path);
    };
    for (const type of Object.values(createSchema(subsystems).getTypeMap())) {
      if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
      if (!['Query', 'Mutation', 'Subscription'].includes(type.name)) check(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
      if (!isObjectType(type) && !isInputObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field);
        if (!('args' in field)) continue;
        for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name})`, argument);
      }
    }
    expect(missing).toEqual([]);
  });

  test('ping answers without the database', async () => {
    const test = await startTestService();
    test.statementsSinceLastCall();
    expect(await test.data('{ ping }')).toEqual({ ping: 'pong' });
    expect(test.statementsSinceLastCall()).toBe(0);
    await test.close();
  });
});
