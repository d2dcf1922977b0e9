import { defineConfig } from 'vite';

/**
 * Builds the pages into `dist/web/`, laid out as the server shows them: `playground/index.html` is
 * `GET /playground`, and every URL in it begins with `/playground/assets/`. Everything is bundled, fonts and
 * Monaco's workers too, so that a page works where no other host can be reached. A content policy may limit
 * scripts, workers and connections to 'self'; Monaco needs inline styles, and fonts and images from `data:`.
 */
export default defineConfig({
  root: import.meta.dirname,
  // Absolute: at `/playground`, without a slash at the end, relative URLs would miss.
  base: '/',
  publicDir: false,
  build: {
    outDir: '../../dist/web',
    // Must be said because the folder is outside `root`. The server's own code, dist/src, is not touched.
    emptyOutDir: true,
    // Another page is another entry in `input`; what it shares with this one would be loaded from here, too.
    assetsDir: 'playground/assets',
    // Monaco's core is one chunk of 2.8 MB, loaded after the page has drawn itself.
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      input: { playground: `${import.meta.dirname}/playground/index.html` },
      // GraphiQL's libraries say "use client" in dozens of files; that matters to server rendering only.
      checks: { moduleLevelDirective: false },
    },
  },
});
