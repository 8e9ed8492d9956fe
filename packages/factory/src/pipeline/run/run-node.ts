import { AsyncLocalStorage } from 'node:async_hooks';
import type { BuildEvent } from '@cogumi/contracts';
import type { Artifact } from '../../artifacts/store.ts';
import type { PlannedNode } from '../graph/node.ts';
import { expectedSeconds, noteTiming } from '../plan/timings.ts';
import type { BuildContext } from './build-context.ts';
import { explainFailure } from './explain-failure.ts';
import { runStage } from './run-stage.ts';

const current = new AsyncLocalStorage<string>();

/** Id of the node whose work is calling; null outside of any. */
export function currentNode(): string | null {
  return current.getStore() ?? null;
}

/**
 * Runs a node, notes how long it took and reports what it wrote, or why it failed.
 *
 * @param failed - Makes the event of its end from the failure.
 * @throws What the stage threw, explained.
 */
export async function runNode(
  node: PlannedNode,
  artifacts: ReadonlyMap<string, Artifact>,
  context: BuildContext,
  failed: (failure: unknown) => BuildEvent,
): Promise<Artifact> {
  const { emit, now, store, signal } = context;
  try {
    const began = now();
    const { artifact, items, resumed } = await current.run(node.id, () => runStage(node, artifacts, context));
    const expected = expectedSeconds(node.workload, items);
    // The rest of a killed run says nothing of how long the whole takes.
    if (!resumed) noteTiming(store.root, { stage: node.stage.name, expected, seconds: (now() - began) / 1000 });
    const { kind, files } = artifact.manifest;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    emit({ event: 'artifact-written', at: now(), stage: node.id, key: node.key, kind, bytes });
    return artifact;
  } catch (cause) {
    const failure = explainFailure(cause, store.root, signal.aborted);
    reportFailure(context, failed(failure));
    throw failure;
  }
}

/** Reports the end of what failed. A report that cannot be written, mostly because the same disk is full, must not hide the failure. */
export function reportFailure({ log, onEvent }: Pick<BuildContext, 'log' | 'onEvent'>, event: BuildEvent): void {
  for (const report of [log.write, onEvent]) {
    try {
      report(event);
    } catch {
      // The failure itself is thrown next.
    }
  }
}
