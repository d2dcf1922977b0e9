const { join } = require('node:path');

/**
 * How Jest runs the tests on one engine: the same files, each in a world that knows its engine.
 * @param {'sqlite' | 'postgres'} testEngine
 * @param {'quick' | 'system'} kind `quick`: what anybody runs while working. `system`, in files named `*.system.test.ts`:
 *   what starts servers or services of its own, kills processes or walks browsers
 */
exports.project = (testEngine, kind, { testPathIgnorePatterns = [], ...options } = {}) => ({
  displayName: kind === 'quick' ? testEngine : `${testEngine}-system`,
  rootDir: join(__dirname, '..', '..'),
  roots: ['<rootDir>/test'],
  testEnvironment: 'node',
  testMatch: [kind === 'quick' ? '**/*.test.ts' : '**/*.system.test.ts'],
  testPathIgnorePatterns: [
    ...testPathIgnorePatterns,
    ...(kind === 'quick' ? ['\\.system\\.test\\.ts$'] : []),
  ],
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
  setupFilesAfterEnv: [join(__dirname, 'setup.js')],
  transformIgnorePatterns: ['/node_modules/(?!(sql-template-tag|uuid|cookie|jose)/)'],
  ...options,
});
