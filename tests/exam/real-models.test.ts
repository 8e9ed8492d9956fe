import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactManifest, type BuildEvent } from '@cogumi/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchModel } from '../fetch-model.ts';
import { COGUMI, ROOT } from '../start-cogumi.ts';
import { buildRecipe } from './build-recipe.ts';

const MODELS = ['smollm2', 'gemma3'] as const;
const store = mkdtempSync(join(tmpdir(), 'cogumi-real-models-'));
afterAll(() => rmSync(store, { recursive: true, force: true }));

interface Plan {
  readonly seconds: number;
  readonly bytes: number;
  readonly stages: readonly { readonly id: string; readonly key: string; readonly cached: boolean }[];
}

/** Bytes of the files that the nodes of a plan made. */
function bytesOf({ stages }: Plan): number {
  const made = stages.filter(({ cached }) => !cached);
  return made.reduce((sum, { key }) => {
    const manifest = readFileSync(join(store, 'artifacts', key, 'manifest.json'), 'utf8');
    return sum + ArtifactManifest.parse(JSON.parse(manifest)).files.reduce((bytes, file) => bytes + file.bytes, 0);
  }, 0);
}

const finished = ({ end }: { end: Extract<BuildEvent, { event: 'build-end' }> }) => end.outcome;

beforeAll(async () => {
  expect(finished(await buildRecipe('recipes/seedling-nano.yaml', store))).toBe('done');
}, 3_600_000);

it.each(MODELS)(
  'builds a bundle on %s, in the time and size that a plan says after other models',
  {
    timeout: 4 * 3_600_000,
  },
  async (name) => {
    const recipe = `tests/models/${name}.yaml`;
    await fetchModel(name);

    const plan = JSON.parse(
      execFileSync(process.execPath, [COGUMI, 'plan', join(ROOT, recipe), '--store', store, '--json'], {
        encoding: 'utf8',
      }),
    ) as Plan;
    const built = await buildRecipe(recipe, store);
    expect({ outcome: finished(built), stderr: built.stderr }).toEqual({ outcome: 'done', stderr: '' });
    const bytes = bytesOf(plan);
    console.log(`${name}: ${Math.round(built.seconds)} s of ${plan.seconds} planned, ${bytes} bytes of ${plan.bytes}`);
    expect(bytes / plan.bytes).toBeGreaterThan(0.9);
    expect(bytes / plan.bytes).toBeLessThan(1.1);
    expect(built.seconds / plan.seconds).toBeGreaterThan(0.7);
    expect(built.seconds / plan.seconds).toBeLessThan(1.3);
  },
);
