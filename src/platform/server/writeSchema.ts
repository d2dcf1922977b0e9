import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../projectFolder';
import { schemaText } from './schemaText';

writeFileSync(join(projectFolder, 'schema.graphql'), schemaText());
