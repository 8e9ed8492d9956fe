import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactManifest, type BuildEvent } from '@cogumi/contracts';
import { afterAll, expect, it } from 'vitest';
import { COGUMI, ROOT } from '../start-cogumi.ts';
import { buildRecipe } from './build-recipe.ts';

const RECIPE = 'tests/models/smollm2.yaml';
const store = mkdtempSync(join(tmpdir(), 'cogumi-smollm2-'));
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

it('builds a bundle on a real model, in the time and size that a plan says after nano alone', {
  timeout: 4 * 3_600_000,
}, async () => {
  const python = process.env.COGUMI_PYTHON ?? join(ROOT, '.venv/bin/python');
  execFileSync(python, [join(ROOT, 'tests/models/smollm2.py')], { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(finished(await buildRecipe('recipes/nano.yaml', store))).toBe('done');

  const plan = JSON.parse(
    execFileSync(process.execPath, [COGUMI, 'plan', join(ROOT, RECIPE), '--store', store, '--json'], {
      encoding: 'utf8',
    }),
  ) as Plan;
  const built = await buildRecipe(RECIPE, store);
  expect({ outcome: finished(built), stderr: built.stderr }).toEqual({ outcome: 'done', stderr: '' });
  expect(bytesOf(plan) / plan.bytes).toBeGreaterThan(0.9);
  expect(bytesOf(plan) / plan.bytes).toBeLessThan(1.1);
  expect(built.seconds / plan.seconds).toBeGreaterThan(0.7);
  expect(built.seconds / plan.seconds).toBeLessThan(1.3);
});
