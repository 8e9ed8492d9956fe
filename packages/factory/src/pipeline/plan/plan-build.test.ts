import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataRecipe, loadRecipe } from '../../recipe/load-recipe.ts';
import { stagesOf } from '../graph/stages.ts';
import { planBuild } from './plan-build.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-plan-'));
  writeFileSync(join(folder, 'config.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tiny = (...sets: string[]) =>
  loadRecipe(join(import.meta.dirname, '../../../../../recipes/tiny.yaml'), [`base.path=${folder}`, ...sets]);
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

  it('refuses what it cannot read, before anything starts', async () => {
    await expect(keysOf('torch 1', `base.path=${join(folder, 'none')}`)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      exitCode: 3,
    });
  });
});
