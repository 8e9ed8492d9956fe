import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildEvent } from '@cogumi/contracts';
import { z } from 'zod';
import type { Recipe } from '../../recipe/recipe.ts';

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
  const path = join(folder, 'events.jsonl');
  // At once: who lists runs expects it.
  appendFileSync(path, '');
  writeFileSync(join(folder, 'recipe.json'), `${JSON.stringify(recipe, null, 1)}\n`);
  let cut = false;
  const write = (event: BuildEvent) => {
    // A line that the disk had no room for may be there in part: what follows begins a new one.
    const line = `${cut ? '\n' : ''}${JSON.stringify(event)}\n`;
    cut = true;
    appendFileSync(path, line);
    cut = false;
  };
  return { id, folder, write };
}

/** Ids of all runs of a store, oldest first. */
export async function listRuns(storeRoot: string): Promise<string[]> {
  const entries = (await readdir(join(storeRoot, 'runs'), { withFileTypes: true }).catch(absent)) ?? [];
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** The events of a run; none where it was killed before the first, and a line cut short is left out. */
export async function readRunEvents(storeRoot: string, id: string): Promise<BuildEvent[]> {
  const text = (await readFile(join(storeRoot, 'runs', id, 'events.jsonl'), 'utf8').catch(absent)) ?? '';
  return text.split('\n').flatMap((line) => {
    try {
      return [BuildEvent.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

/** Under which keys a run looked for its stages, in the order they began; those that it did not come to are missing. */
export function stageKeys(events: readonly BuildEvent[]): Map<string, string> {
  return new Map(events.flatMap((event) => (event.event === 'stage-start' ? [[event.stage, event.key]] : [])));
}

/** The fields of a run's recipe that every version has; null where a kill left no readable recipe. */
export async function readRunRecipe(storeRoot: string, id: string): Promise<RunRecipe | null> {
  const text = await readFile(join(storeRoot, 'runs', id, 'recipe.json'), 'utf8').catch(absent);
  try {
    return RunRecipe.parse(JSON.parse(text ?? 'null'));
  } catch {
    return null;
  }
}

const RunRecipe = z.object({
  make: z.string(),
  train: z
    .object({ maxRowTokens: z.int().positive() })
    .nullable()
    .catch(null)
    .describe('null: a version that calls it by another name.'),
});
type RunRecipe = z.infer<typeof RunRecipe>;

/** null for a missing file. Every other error is rethrown: an unreadable run is not one without events. */
function absent(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT') return null;
  throw cause;
}
