import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where package.json lies: above this file, both in the sources and in what is built from them. */
export const projectFolder: string = findUpwards(__dirname);

function findUpwards(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findUpwards(dirname(folder));
}
