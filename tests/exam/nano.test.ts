import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fetchModel } from '../fetch-model.ts';
import { buildRecipe } from './build-recipe.ts';

const store = mkdtempSync(join(tmpdir(), 'cogumi-nano-'));
afterAll(() => rmSync(store, { recursive: true, force: true }));

/** What the recipes promise on two shared cores (issue 13, and chosen; docs/log.md has what was measured). */
const PROMISES = [
  { recipe: 'nano', seconds: 12 * 60, bytes: 6 * 2 ** 30, cachedSeconds: 5 },
  { recipe: 'seedling-nano', seconds: 13 * 60, bytes: 3 * 2 ** 30, cachedSeconds: 2 },
];

it.each(PROMISES)(
  'builds $recipe with all gates in its time and memory, and finds it again at once',
  { timeout: 3_600_000 },
  async ({ recipe, seconds, bytes, cachedSeconds }) => {
    await fetchModel('smollm2');

    const first = await buildRecipe(`recipes/${recipe}.yaml`, store);
    expect(first.stderr).toBe('');
    expect(first.end).toMatchObject({ outcome: 'done' });
    expect(first.seconds).toBeLessThanOrEqual(seconds);
    expect(first.end.peakMemoryBytes).toBeLessThanOrEqual(bytes);

    const again = await buildRecipe(`recipes/${recipe}.yaml`, store);
    expect(again.end.digest).toBe(first.end.digest);
    expect(again.seconds).toBeLessThanOrEqual(cachedSeconds);
  },
);
