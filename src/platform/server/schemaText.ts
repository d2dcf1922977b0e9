import { lexicographicSortSchema, printSchema } from 'graphql';
import type { Subsystem } from '../subsystem';
import { createSchema } from './schema';

/** The content of schema.graphql. Sorted, so that a change in the code shows as the same change in the file. */
export function schemaText(subsystems: readonly Subsystem[]): string {
  return `# Generated from the code by "npm run schema"; a test holds it up to date.\n\n${printSchema(
    lexicographicSortSchema(createSchema(subsystems)),
  )}\n`;
}
