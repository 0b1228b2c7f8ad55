import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // The more specific name first: an alias also matches what begins with it.
    alias: {
      '@jts/common/testing': source('libs/common/src/testing/index.ts'),
      '@jts/common': source('libs/common/src/index.ts'),
    },
  },
  test: {
    environment: 'node',
    // Tests share no state, so they can share threads and the modules loaded there.
    pool: 'threads',
    isolate: false,
    include: ['apps/*.test.ts', '{apps,libs}/*/src/**/*.test.ts', 'docker/**/*.test.ts'],
    // Generous: the tests wait for events, so the limit only catches a test that hangs.
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});

function source(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
