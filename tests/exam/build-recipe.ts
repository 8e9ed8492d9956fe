import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildEvent } from '@cogumi/contracts';
import { type Finished, ROOT, startCogumi } from '../start-cogumi.ts';

interface Given {
  /** As of `--set`. */
  readonly sets?: readonly string[];
  /** As of `--until`. */
  readonly until?: string;
}

/** Builds a recipe of the repository as a user would. `end`: the event that closes it; throws when there is none. */
export async function buildRecipe(path: string, store: string, { sets = [], until }: Given = {}) {
  const started = Date.now();
  const more = [...sets.flatMap((set) => ['--set', set]), ...(until === undefined ? [] : ['--until', until])];
  const finished = await startCogumi(['build', join(ROOT, path), '--store', store, '--json', ...more]).finished;
  const seconds = (Date.now() - started) / 1000;
  const end = finished.events.find((event) => event.event === 'build-end');
  if (!end) throw new Error(`the build did not end: ${JSON.stringify({ ...finished, events: [] })}`);
  return { ...finished, seconds, end: end as Extract<BuildEvent, { event: 'build-end' }> };
}

export type BuiltRecipe = Awaited<ReturnType<typeof buildRecipe>>;

/** Facts of the artifact that a node of this build made or found. */
export function factsOf(built: Pick<Finished, 'events'>, store: string, node: string): Record<string, unknown> {
  return JSON.parse(readFileSync(artifactOf(built, store, node, 'manifest.json'), 'utf8')).facts;
}

/** Path of a file of such an artifact. */
export function artifactOf({ events }: Pick<Finished, 'events'>, store: string, node: string, file: string): string {
  const start = events.find((event) => event.event === 'stage-start' && event.stage === node);
  return join(store, 'artifacts', start?.event === 'stage-start' ? start.key : '', file);
}
