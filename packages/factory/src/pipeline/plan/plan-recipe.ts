import type { CogumiError } from '@cogumi/contracts';
import { openHubOnce, shortPatience } from '@cogumi/data/hub';
import { openStore } from '../../artifacts/store.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { nodesUntil } from '../graph/nodes-until.ts';
import { refuseStrayOverrides } from '../graph/refuse-stray-overrides.ts';
import { stagesOf } from '../graph/stages.ts';
import { knownEngineVersions } from '../run/engine-versions.ts';
import { placementOf } from '../run/placement.ts';
import { findRefusal } from './find-refusal.ts';
import { thisMachine } from './machine.ts';
import { pinSources } from './pin-sources.ts';
import { planBuild } from './plan-build.ts';
import { readTimings } from './timings.ts';

/** A plan for people and programs. */
export interface PlanSummary {
  readonly stages: readonly {
    readonly id: string;
    readonly key: string;
    readonly cached: boolean;
    readonly items: number;
    readonly unit: string;
    readonly seconds: number;
    readonly origin: string;
    readonly bytes: number;
    readonly memoryBytes: number;
    /** The optional step that it belongs to, which is kept only when its gates pass; null: none. */
    readonly candidate: string | null;
  }[];
  /** Of what is not cached. */
  readonly seconds: number;
  readonly bytes: number;
  /** Fetched from the hub into its cache. */
  readonly downloadBytes: number;
  readonly memoryBytes: number;
  readonly money: number;
  readonly budget: number;
  /** Why a build of it would not start; null: it would. */
  readonly refusal: CogumiError | null;
}

/** Plans without starting Python: in a store that has never built, stages that need it count as not there. */
export async function planRecipe(
  recipe: Recipe,
  storeRoot: string,
  { until, signal = new AbortController().signal }: { until?: string | undefined; signal?: AbortSignal } = {},
): Promise<PlanSummary> {
  const store = await openStore(storeRoot, 'empty');
  const pinned = await pinSources(recipe, store.root, { signal, hub: openHubOnce(shortPatience) });
  const graph = stagesOf(pinned.recipe, pinned.inherited);
  refuseStrayOverrides(recipe.override, graph);
  const versions = (await knownEngineVersions(storeRoot, placementOf(recipe))) ?? 'not known yet';
  const plan = await planBuild(
    nodesUntil(graph, until),
    recipe,
    store,
    versions,
    await readTimings(storeRoot),
    pinned.sourceSizes,
  );
  const { nodes, seconds, bytes, downloadBytes, memoryBytes, money } = plan;
  return {
    stages: nodes.map(({ id, key, cached, candidate, workload, seconds: own, origin }) => ({
      id,
      key,
      cached,
      items: workload.items,
      unit: workload.unit,
      seconds: own,
      origin,
      bytes: workload.bytes,
      memoryBytes: (workload.memory?.engine ?? 0) + (workload.memory?.models ?? 0),
      candidate,
    })),
    seconds,
    bytes,
    downloadBytes,
    memoryBytes,
    money,
    budget: recipe.budget.money,
    refusal: findRefusal(plan, recipe.budget, await thisMachine(storeRoot, downloadBytes > 0)),
  };
}
