import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildEvent } from '@cogumi/contracts';
import { type Finished, ROOT, startCogumi } from '../start-cogumi.ts';

/** Builds a recipe of the repository as a user would. `end`: the event that closes it; throws when there is none. */
export async function buildRecipe(path: string, store: string) {
  const started = Date.now();
  const finished = await startCogumi(['build', join(ROOT, path), '--store', store, '--json']).finished;
  const seconds = (Date.now() - started) / 1000;
  const end = finished.events.find((event) => event.event === 'build-end');
  if (!end) throw new Error(`the build did not end: ${JSON.stringify({ ...finished, events: [] })}`);
  return { ...finished, seconds, end: end as Extract<BuildEvent, { event: 'build-end' }> };
}

/** Facts of the artifact that a node of this build made or found. */
export function factsOf({ events }: Pick<Finished, 'events'>, store: string, node: string): Record<string, unknown> {
  const start = events.find((event) => event.event === 'stage-start' && event.stage === node);
  const key = start?.event === 'stage-start' ? start.key : '';
  return JSON.parse(readFileSync(join(store, 'artifacts', key, 'manifest.json'), 'utf8')).facts;
}
