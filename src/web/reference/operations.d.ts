/** Made from schema.graphql when the pages are built; see vite.config.mts. */
declare module 'virtual:operations' {
  export const operations: import('./describeOperations').Operation[];
}
