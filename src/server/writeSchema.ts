import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaText } from './schemaText';
import { projectFolder } from './projectFolder';

writeFileSync(join(projectFolder, 'schema.graphql'), schemaText());
