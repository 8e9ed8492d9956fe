import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  it('counts the working state of as many stages as run side by side, beside what stays', async () => {
    const planOf = async (...sets: string[]) => {
      const recipe = await tiny(...sets);
      const { nodes, bytes } = await planBuild(stagesOf(recipe), recipe, empty, 'torch 1');
      const kept = nodes.reduce((sum, { workload }) => sum + workload.bytes, 0);
      const work = nodes.map(({ workload }) => workload.workBytes ?? 0).sort((left, right) => right - left);
      return { more: bytes - kept, work };
    };
    const { more, work } = await planOf();
    expect(work[1]).toBeGreaterThan(0);
    expect(more).toBe(work[0]);
    expect((await planOf('stagesAtOnce=2')).more).toBe(work[0]! + work[1]!);
  });

  it('refuses to drop as many layers as the base or the pretrained model has', async () => {
    const drop = (layers: number, ...sets: string[]) => keysOf('torch 1', `dropLayers={layers: ${layers}}`, ...sets);
    const seedling = `base.path=${join(import.meta.dirname, '../../../../../models/seedling')}`;
    await expect(drop(4, seedling)).rejects.toMatchObject({
      ...{ code: 'TOO_FEW_LAYERS', exitCode: 3, hint: 'Set it to at most 3.' },
      message: '`dropLayers.layers` is 4, and the model has 4 layers: at least one has to stay.',
    });
    expect((await drop(3, seedling)).has('drop-layers')).toBe(true);
    await expect(keysOf('torch 1', 'draft={layers: 4}', seedling)).rejects.toMatchObject({
      message: '`draft.layers` is 4, and the model has 4 layers: a draft model has fewer.',
    });
    // A folder that is no model says so when it is read; its layers are not known.
    expect((await drop(40)).has('drop-layers')).toBe(true);
  });

  it('refuses what it cannot read, before anything starts', async () => {
    await expect(keysOf('torch 1', `base.path=${join(folder, 'none')}`)).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      exitCode: 3,
    });
    const seedling = join(import.meta.dirname, '../../../../../models/seedling');
    await expect(keysOf('torch 1', `base.path=${seedling.slice(0, -1)}`)).rejects.toMatchObject({
      hint: expect.stringContaining(`Did you mean ${seedling}? `),
    });
    await expect(keysOf('torch 1', 'base.path=Qwen/Qwen3-0.6B')).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      hint: 'For a model of the Hugging Face Hub set `base.hub: Qwen/Qwen3-0.6B` instead of `base.path`.',
    });
    mkdirSync(join(folder, 'models'));
    writeFileSync(join(folder, 'models/small.py'), 'GGUF = "small.gguf"');
    await expect(keysOf('torch 1', `base.path=${join(folder, '.cache/models/small.gguf')}`)).rejects.toMatchObject({
      hint: expect.stringMatching(/^Fetch it first, .*\.venv\/bin\/python .*models\/small\.py$/),
    });
    await expect(keysOf('torch 1', `base.path=${join(folder, '.cache/models/other.gguf')}`)).rejects.toMatchObject({
      hint: expect.not.stringMatching(/Fetch it|base\.hub/),
    });
    const annexed = join(folder, 'annexed');
    symlinkSync('.git/annex/objects/aa/bb/KEY', annexed);
    await expect(keysOf('torch 1', `base.path=${annexed}`)).rejects.toMatchObject({
      message: expect.stringContaining('is a link to .git/annex/objects/aa/bb/KEY, which does not exist'),
      hint: expect.stringContaining('git annex get'),
    });
  });
});
