import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Plugin, type Rolldown, transformWithOxc } from 'vite';

/**
 * Adds `worker.js`, which is told what the registering page loads. Its name carries no hash: browsers ask at that address
 * whether it has changed.
 * @param folder where worker.ts lies
 */
export function addWorker(folder: string): Plugin {
  return {
    name: 'add-worker',
    async generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
      const find = (isIt: (chunk: Rolldown.OutputChunk) => boolean) =>
        chunks.find(isIt) ?? this.error('a part of the registering page is not in the bundle');
      const files = new Set<string>();
      const add = ({ fileName, imports, viteMetadata }: Rolldown.OutputChunk) => {
        if (files.has(fileName)) return;
        files.add(fileName);
        for (const file of viteMetadata?.importedCss ?? []) files.add(file);
        for (const file of imports) add(find((chunk) => chunk.fileName === file));
      };
      add(find(({ isEntry, name }) => isEntry && name === 'pages'));
      add(find(({ facadeModuleId }) => facadeModuleId?.endsWith('/register/registerPage.tsx') ?? false));
      const shell = [...files].map((file) => `/${file}`);
      const version = createHash('sha256').update(shell.join()).digest('hex').slice(0, 16);

      const path = join(folder, 'worker.ts');
      const { code } = await transformWithOxc(readFileSync(path, 'utf8'), path);
      const source = `const shell = ${JSON.stringify({ files: shell, version })};\n${code}`;
      this.emitFile({ type: 'asset', fileName: 'worker.js', source });
    },
  };
}
