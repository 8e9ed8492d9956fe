import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildEvent } from '@cogumi/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRecipe } from '../../recipe/load-recipe.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { listRuns, readRunEvents, readRunRecipe, startRunLog } from './run-log.ts';

let folder: string;
let recipe: Recipe;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-runs-'));
  recipe = await loadRecipe(join(import.meta.dirname, '../../../../../recipes/tiny.yaml'), []);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const warning = (message: string): BuildEvent => ({ event: 'stage-warning', at: 1, stage: 'train', message });

describe('startRunLog', () => {
  it('has its events from the start, and what it makes', async () => {
    const log = startRunLog(folder, 'one', recipe);
    expect(existsSync(join(log.folder, 'events.jsonl'))).toBe(true);
    log.write(warning('hot'));
    expect(await readRunEvents(folder, 'one')).toEqual([warning('hot')]);
    expect(await readRunRecipe(folder, 'one')).toEqual({ make: 'bundle', train: { maxRowTokens: 512 } });
    await writeFile(join(log.folder, 'recipe.json'), '{"make":"data"}');
    expect(await readRunRecipe(folder, 'one')).toEqual({ make: 'data', train: null });
  });

  it('begins a new line after one that the disk had no room for', async () => {
    const log = startRunLog(folder, 'one', recipe);
    const events = join(log.folder, 'events.jsonl');
    await rm(events);
    await symlink('/dev/full', events);
    expect(() => log.write(warning('lost'))).toThrow('ENOSPC');
    await rm(events);
    await writeFile(events, '{"event":"stage-war');
    log.write(warning('kept'));
    log.write(warning('too'));
    expect(await readRunEvents(folder, 'one')).toEqual([warning('kept'), warning('too')]);
  });
});

describe('the runs of a store', () => {
  it('are folders, and one killed before its first event is one without events', async () => {
    expect(await listRuns(folder)).toEqual([]);
    await mkdir(join(folder, 'runs/killed'), { recursive: true });
    await writeFile(join(folder, 'runs/notes.txt'), '');
    expect(await listRuns(folder)).toEqual(['killed']);
    expect(await readRunEvents(folder, 'killed')).toEqual([]);
    expect(await readRunRecipe(folder, 'killed')).toBeNull();
  });

  it('are not taken for none when they cannot be read: clean asks them what is in use', async () => {
    await writeFile(join(folder, 'runs'), '');
    await expect(listRuns(folder)).rejects.toThrow('ENOTDIR');
    await rm(join(folder, 'runs'));
    await mkdir(join(folder, 'runs/one/events.jsonl'), { recursive: true });
    await expect(readRunEvents(folder, 'one')).rejects.toThrow('EISDIR');
  });
});
