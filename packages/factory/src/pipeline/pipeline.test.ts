import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataRecipe, loadRecipe } from '../recipe/load-recipe.ts';
import { stagesOf } from './graph/stages.ts';
import { planBuild } from './plan/plan-build.ts';
import { fitLine } from './plan/timings.ts';
import { explainFailure } from './run/explain-failure.ts';
import { treeMemoryBytes } from './run/memory.ts';
import { lockStore } from './store/store-lock.ts';

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
    for (const untouched of ['base', 'questions', 'export.base', 'mix', 'code.prompts'])
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

  it('expects of a larger file more rows, here and in the stages that read them', async () => {
    const path = join(folder, 'rows.jsonl');
    const itemsOf = async (bytes: number) => {
      writeFileSync(path, 'x'.repeat(bytes));
      const recipe = dataRecipe([path], []);
      const { nodes } = await planBuild(stagesOf(recipe), recipe, empty, 'torch 1');
      return nodes.filter(({ id }) => ['import', 'filter'].includes(id)).map(({ workload }) => workload.items);
    };
    expect(await itemsOf(45_000)).toEqual([100, 100]);
    expect(await itemsOf(450_000)).toEqual([1000, 1000]);
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

describe('fitLine', () => {
  const constants = { fixedSeconds: 2, secondsPerItem: 0.25 };

  it('finds fixed time and time an item', () => {
    const seen = [2, 10].map((items) => ({ stage: 's', items, seconds: 3 + 0.5 * items }));
    expect(fitLine(seen, constants).fixed).toBeCloseTo(3, 9);
    expect(fitLine(seen, constants).perItem).toBeCloseTo(0.5, 9);
  });

  it('takes the machine for so many times slower than the constants where all runs had about one size', () => {
    // 2 + 0.25 · 12 = 5 by the constants.
    expect(fitLine([{ stage: 's', items: 12, seconds: 10 }], constants)).toEqual({ fixed: 4, perItem: 0.5 });
    const noisy = [10, 14].map((items) => ({ stage: 's', items, seconds: 24 - items }));
    expect(fitLine(noisy, constants)).toEqual({ fixed: 4.8, perItem: 0.6 });
    expect(fitLine([{ stage: 's', items: 0, seconds: 1 }], { fixedSeconds: 0, secondsPerItem: 1 })).toEqual({
      fixed: 1,
      perItem: 0,
    });
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
