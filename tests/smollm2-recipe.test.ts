import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRecipe, planRecipe } from '@cogumi/factory';
import { slowness } from '@cogumi/pure/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from './start-cogumi.ts';

const RECIPE = join(ROOT, 'recipes/smollm2.yaml');
const MODEL = join(ROOT, '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const folder = mkdtempSync(join(tmpdir(), 'cogumi-smollm2-recipe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('recipes/smollm2.yaml', () => {
  it('trains four modifiers on a base that stays as it is, and ships them with a router', async () => {
    // Any base gives the same graph; this one is in the repository.
    const recipe = await loadRecipe(RECIPE, [
      `base={path: ${JSON.stringify(join(ROOT, 'models/seedling'))}, licence: Apache-2.0}`,
      'export.preTokenizer=smollm',
    ]);
    const ids = (await planRecipe(recipe, join(folder, 'seedling'))).stages.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(['base', 'export.base', 'quantize', 'evaluate.quantized', 'route', 'bundle', 'validate']),
    );
    for (const name of ['code', 'reasoning', 'automation', 'support']) {
      expect(ids).toContain(`${name}.train`);
      expect(ids).toContain(`${name}.evaluate`);
    }
    expect(ids).toContain('support.examples');
    // Nothing is tuned, and the base is asked in the form only in which it is served.
    for (const id of ['train', 'merge', 'evaluate.base', 'synthesize']) expect(ids).not.toContain(id);
  });

  it('needs no override: every gate counts', async () => {
    expect((await loadRecipe(RECIPE)).override).toEqual([]);
  });

  it.skipIf(!existsSync(MODEL))('is planned in under 2 s of CPU time, within its 45 minutes and 6 GiB', async () => {
    const recipe = await loadRecipe(RECIPE);
    await planRecipe(recipe, join(folder, 'first'));
    // The first plan of a process loads the generators of questions, which has nothing to do with this recipe.
    const began = process.cpuUsage();
    const plan = await planRecipe(recipe, join(folder, 'second'));
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / slowness()).toBeLessThan(2e6);
    expect(plan.seconds).toBeLessThan(45 * 60);
    expect(plan.memoryBytes).toBeLessThan(6 * 2 ** 30);
  });
});
