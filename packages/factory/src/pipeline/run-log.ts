import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildEvent } from '@cogumi/contracts';
import type { Recipe } from '../recipe/recipe.ts';

/** What varies between equal runs lives here and in no artifact: times, speeds, paths. */
export interface RunLog {
  readonly id: string;
  readonly folder: string;
  write(event: BuildEvent): void;
}

/** Starts the record of one execution: `runs/<id>/` with `recipe.json` and `events.jsonl`. */
export function startRunLog(storeRoot: string, id: string, recipe: Recipe): RunLog {
  const folder = join(storeRoot, 'runs', id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'recipe.json'), `${JSON.stringify(recipe, null, 1)}\n`);
  const path = join(folder, 'events.jsonl');
  return { id, folder, write: (event) => appendFileSync(path, `${JSON.stringify(event)}\n`) };
}

/** Ids of all runs of a store, oldest first. */
export async function listRuns(storeRoot: string): Promise<string[]> {
  return (await readdir(join(storeRoot, 'runs')).catch(() => [])).sort();
}

/** The events of a run; a last line cut short by a kill is left out. */
export async function readRunEvents(storeRoot: string, id: string): Promise<BuildEvent[]> {
  const text = await readFile(join(storeRoot, 'runs', id, 'events.jsonl'), 'utf8');
  return text.split('\n').flatMap((line) => {
    try {
      return [BuildEvent.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}
