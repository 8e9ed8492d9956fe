import { join } from 'node:path';
import type { BuildEvent } from '@cogumi/contracts';
import { type Finished, ROOT, startCogumi } from './start-cogumi.ts';

/** Starts `cogumi build recipes/tiny.yaml --json`. */
export function startBuild(store: string, args: readonly string[] = [], onEvent?: (event: BuildEvent) => void) {
  return startCogumi(['build', join(ROOT, 'recipes/tiny.yaml'), '--store', store, '--json', ...args], {}, onEvent);
}

export function digestOf({ events }: Finished): string | null {
  const end = events.find((event) => event.event === 'build-end');
  return end?.event === 'build-end' ? end.digest : null;
}

export function outcomes({ events }: Finished): string[] {
  return events.flatMap((event) => (event.event === 'stage-end' ? [`${event.stage} ${event.outcome}`] : []));
}
