import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './platform/projectFolder';
import { schemaText } from './platform/server/schemaText';
import { subsystems } from './subsystems';

writeFileSync(join(projectFolder, 'schema.graphql'), schemaText(subsystems));
