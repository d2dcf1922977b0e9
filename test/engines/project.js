const { join } = require('node:path');

/** How Jest runs the tests on one engine: the same files, each in a world that knows its engine. */
exports.project = (testEngine, options) => ({
  displayName: testEngine,
  rootDir: join(__dirname, '..', '..'),
  roots: ['<rootDir>/test'],
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  globals: { testEngine },
  transform: {
    '^.+\\.(ts|js)$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!(sql-template-tag|uuid|cookie|jose)/)'],
  ...options,
});
