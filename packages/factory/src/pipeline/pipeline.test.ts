import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRecipe } from '../recipe/load-recipe.ts';
import { explainFailure } from './explain-failure.ts';
import { treeMemoryBytes } from './memory.ts';
import { planBuild } from './plan.ts';
import { sampleRecipe } from './sample-recipe.ts';
import { stagesOf } from './stages.ts';
import { lockStore } from './store-lock.ts';
import { fitLine } from './timings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-pipeline-'));
  writeFileSync(join(folder, 'config.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tiny = (...sets: string[]) =>
  loadRecipe(join(import.meta.dirname, '../../../../recipes/tiny.yaml'), [`base.path=${folder}`, ...sets]);
const empty = { find: async () => null };
const keysOf = async (versions: string, ...sets: string[]) => {
  const recipe = await tiny(...sets);
  const { nodes } = await planBuild(stagesOf(recipe), recipe, empty, versions);
  return new Map(nodes.map(({ id, key }) => [id, key]));
};

describe('planBuild', () => {
  it('changes the keys of what a setting touches, and of nothing else', async () => {
    const before = await keysOf('torch 1');
    const after = await keysOf('torch 1', 'train.rank=8');
    const changed = [...before].filter(([id, key]) => after.get(id) !== key).map(([id]) => id);
    expect(changed).toContain('train');
    expect(changed).toContain('bundle');
    for (const untouched of ['base', 'questions', 'export.base', 'merge', 'code.questions'])
      expect(changed).not.toContain(untouched);
  });

  it('counts the engine for tensor work and the bytes of what is read from outside', async () => {
    const before = await keysOf('torch 1');
    const other = await keysOf('torch 2');
    expect(other.get('train')).not.toBe(before.get('train'));
    expect(other.get('questions')).toBe(before.get('questions'));
    writeFileSync(join(folder, 'config.json'), '{"changed":true}');
    expect((await keysOf('torch 1')).get('base')).not.toBe(before.get('base'));
  });

  it('refuses what it cannot read and what cannot stay inside the budget, before anything starts', async () => {
    await expect(keysOf('torch 1', `base.path=${join(folder, 'none')}`)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      exitCode: 3,
    });
    await expect(keysOf('torch 1', 'budget.hours=0.0001')).rejects.toMatchObject({
      code: 'BUDGET_IMPOSSIBLE',
      exitCode: 3,
    });
  });
});

describe('sampleRecipe', () => {
  it('asks for at most so many of everything', async () => {
    const sample = sampleRecipe(await tiny(), 4);
    expect(sample.questions.domains.coding).toEqual({ easy: 2, hard: 2 });
    expect(sample.modifiers.code?.train.maxSteps).toBe(4);
  });
});

describe('fitLine', () => {
  it('finds fixed time and time an item', () => {
    const seen = [2, 10].map((items) => ({ stage: 's', items, seconds: 3 + 0.5 * items }));
    expect(fitLine(seen, 0).fixed).toBeCloseTo(3, 9);
    expect(fitLine(seen, 0).perItem).toBeCloseTo(0.5, 9);
  });

  it('takes the fixed part from the stage when all runs had one size', () => {
    expect(fitLine([{ stage: 's', items: 10, seconds: 7 }], 2)).toEqual({ fixed: 2, perItem: 0.5 });
  });
});

describe('lockStore', () => {
  it('lets one build in and takes over from one that is gone', async () => {
    const unlock = await lockStore(folder);
    await expect(lockStore(folder)).rejects.toThrow(`process ${process.pid}`);
    await unlock();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 999_999_999, started: '1' }));
    await (await lockStore(folder))();
  });
});

describe('explainFailure', () => {
  it('says what a full disk means and what to do', () => {
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/x/y' });
    expect(explainFailure(cause, '.cogumi')).toMatchObject({
      code: 'DISK_FULL',
      hint: expect.stringContaining('cogumi clean'),
    });
  });
});

describe('treeMemoryBytes', () => {
  it('counts this process and its children', () => {
    expect(treeMemoryBytes(process.pid)).toBeGreaterThan(process.memoryUsage().rss / 2);
  });
});
