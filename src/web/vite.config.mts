import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildSchema } from 'graphql';
import { defineConfig, type Plugin, type Rolldown, transformWithOxc } from 'vite';
import { describeOperations } from './reference/describeOperations';

/**
 * Builds the pages into `dist/web/`: `index.html`, the document of all pages but one, and `playground/index.html`, which
 * loads by itself; and `worker.js`. What they load lies in `assets/`, under names that carry a hash of the content. Everything is bundled,
 * fonts and Monaco's workers too, so that a page works where no other host can be reached. A content policy may limit
 * scripts, workers and connections to 'self'; styles need 'unsafe-inline', fonts and images `data:`.
 */
export default defineConfig({
  root: import.meta.dirname,
  // Absolute: at `/playground`, without a slash at the end, relative URLs would miss.
  base: '/',
  publicDir: false,
  plugins: [operationsOfSchema(), addWorker(), compressAssets()],
  build: {
    outDir: '../../dist/web',
    // Must be said because the folder is outside `root`. The server's own code, dist/src, is not touched.
    emptyOutDir: true,
    // Monaco's core is one chunk of 2.8 MB, loaded after the page has drawn itself.
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      input: {
        pages: `${import.meta.dirname}/index.html`,
        playground: `${import.meta.dirname}/playground/index.html`,
      },
      // GraphiQL's and Mantine's libraries say "use client" in hundreds of files; that matters to server rendering only.
      checks: { moduleLevelDirective: false },
    },
  },
});

/** The module `virtual:operations`: what the API page shows, so that no browser need read the schema. */
function operationsOfSchema(): Plugin {
  const name = 'virtual:operations';
  const path = join(import.meta.dirname, '..', '..', 'schema.graphql');
  return {
    name: 'operations-of-schema',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined;
      const operations = describeOperations(buildSchema(readFileSync(path, 'utf8')));
      return `export const operations = ${JSON.stringify(operations)};`;
    },
  };
}

/**
 * Adds `worker.js`, which is told what the registering page loads. Its name carries no hash: browsers ask at that address
 * whether it has changed.
 */
function addWorker(): Plugin {
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

      const path = join(import.meta.dirname, 'worker', 'worker.ts');
      const { code } = await transformWithOxc(readFileSync(path, 'utf8'), path);
      const source = `const shell = ${JSON.stringify({ files: shell, version })};\n${code}`;
      this.emitFile({ type: 'asset', fileName: 'worker.js', source });
    },
  };
}

/** Puts every script and style sheet beside itself compressed, which the server sends to whoever takes it. */
function compressAssets(): Plugin {
  return {
    name: 'compress-assets',
    writeBundle({ dir }) {
      const folder = join(dir ?? '', 'assets');
      for (const name of readdirSync(folder).filter((name) => /\.(js|css|svg)$/.test(name))) {
        const content = readFileSync(join(folder, name));
        // Quality 9 takes a second for all, 11 half a minute, for 3 % less.
        const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
        writeFileSync(join(folder, `${name}.br`), brotli);
        writeFileSync(join(folder, `${name}.gz`), gzipSync(content));
      }
    },
  };
}
