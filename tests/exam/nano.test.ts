import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { buildRecipe } from './build-recipe.ts';

const store = mkdtempSync(join(tmpdir(), 'cogumi-nano-'));
afterAll(() => rmSync(store, { recursive: true, force: true }));

/** What the recipe promises on two shared cores (chosen; docs/log.md has what was measured). */
const PROMISE = { seconds: 450, bytes: 3 * 2 ** 30, cachedSeconds: 2 };

it('builds nano with all gates in its time and memory, and finds it again at once', {
  timeout: 3_600_000,
}, async () => {
  const first = await buildRecipe('recipes/nano.yaml', store);
  expect(first.stderr).toBe('');
  expect(first.end).toMatchObject({ outcome: 'done' });
  expect(first.seconds).toBeLessThanOrEqual(PROMISE.seconds);
  expect(first.end.peakMemoryBytes).toBeLessThanOrEqual(PROMISE.bytes);

  const again = await buildRecipe('recipes/nano.yaml', store);
  expect(again.end.digest).toBe(first.end.digest);
  expect(again.seconds).toBeLessThanOrEqual(PROMISE.cachedSeconds);
});
