import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildSchema } from 'graphql';
import { defineConfig, type Plugin } from 'vite';
import { describeOperations } from './reference/describeOperations';
import { addWorker } from './worker/addWorker';

/**
 * Builds the pages into `dist/web/`: `index.html`, the document of all pages but one, and `playground/index.html`, which
 * loads by itself; and `worker.js`. What they load lies in `assets/`, under names that carry a hash of the content.
 * Everything is bundled, fonts and Monaco's workers too, so that a page works where no other host can be reached. A
 * content policy may limit scripts, workers and connections to 'self'; styles need 'unsafe-inline', fonts and images
 * `data:`.
 */
export default defineConfig({
  root: import.meta.dirname,
  // Absolute: at `/playground`, without a slash at the end, relative URLs would miss.
  base: '/',
  publicDir: false,
  plugins: [operationsOfSchema(), addWorker(join(import.meta.dirname, 'worker')), compressAssets()],
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
