import { defineConfig } from 'vitest/config';

// Two workers at the most: some tests start PyTorch or a model of their own, and the machine this was made for has two cores.
// A machine may be many times slower or busier: these limits end what hangs and judge no speed.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'tests/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
