import { join } from 'node:path';
import type { BuildEvent, DomainResult, Teacher } from '@cogumi/contracts';
import { type OpenTeacherPool, openTeacherPool } from '@cogumi/teachers';
import { openBucket } from '../../artifacts/bucket/bucket.ts';
import { withBucket } from '../../artifacts/bucket/bucket-store.ts';
import { openStore, type Store } from '../../artifacts/store.ts';
import { createEngine } from '../../engine/index.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { nodesUntil } from '../graph/nodes-until.ts';
import { refuseStrayOverrides } from '../graph/refuse-stray-overrides.ts';
import { stagesOf } from '../graph/stages.ts';
import { findRefusal } from '../plan/find-refusal.ts';
import { thisMachine } from '../plan/machine.ts';
import { type Pinned, pinSources } from '../plan/pin-sources.ts';
import { type Plan, planBuild } from '../plan/plan-build.ts';
import { accountOf } from '../plan/sample-recipe.ts';
import { readTimings } from '../plan/timings.ts';
import { lockStore } from '../store/store-lock.ts';
import type { BuildOptions } from './build-context.ts';
import { learnEngineVersions } from './engine-versions.ts';
import { explainFailure } from './explain-failure.ts';
import { watchMemory } from './memory.ts';
import { placementOf } from './placement.ts';
import { startRunLog } from './run-log.ts';
import { currentNode, reportFailure } from './run-node.ts';
import { type JudgedGate, runPlan } from './run-plan.ts';

export interface BuildResult {
  readonly outcome: 'done' | 'gate-failed' | 'inconclusive';
  readonly run: string;
  readonly runFolder: string;
  readonly bundle: string | null;
  readonly digest: string | null;
  /** Where the result of the last stage lies: of the one that `until` names; null when it was not reached. */
  readonly folder: string | null;
  readonly gates: readonly JudgedGate[];
  /** What the bundle can do, by domain; empty where the build ended before that was measured. */
  readonly domains: readonly DomainResult[];
}

/**
 * Builds a recipe: plan, then node by node take what the store has or run it, judge its gates, and start nothing that
 * reads a result whose gate failed.
 *
 * @throws CogumiError, explained: of the plan, of a stage, STORE_BUSY.
 */
export async function build(recipe: Recipe, options: BuildOptions): Promise<BuildResult> {
  let unlock = async () => {};
  try {
    const folder = await openStore(options.store);
    const store = options.bucket === undefined ? folder : withBucket(folder, openBucket(options.bucket, process.env));
    unlock = await lockStore(options.store);
    return await buildIn(store, await pinSources(recipe, store.root, { signal: options.signal }), options);
  } catch (cause) {
    throw explainFailure(cause, options.store, options.signal.aborted);
  } finally {
    // A lock that stays is taken over once this process is gone; it must not hide how the build ended.
    await unlock().catch(() => undefined);
  }
}

async function buildIn(
  store: Store,
  { recipe, sourceSizes, inherited }: Pinned<Recipe>,
  options: BuildOptions,
): Promise<BuildResult> {
  const started = options.now();
  const log = startRunLog(options.store, runId(recipe.name, started), recipe);
  const placement = placementOf(recipe);
  const engine = createEngine({ ...placement, logPath: join(log.folder, 'engine.log') });
  let teacherPool: OpenTeacherPool | null = null;
  const memory = watchMemory(process.pid);
  const emit = (event: BuildEvent) => {
    log.write(event);
    options.onEvent(event);
  };
  type Result = Pick<BuildResult, 'bundle' | 'digest' | 'domains'>;
  const ended = (
    outcome: Extract<BuildEvent, { event: 'build-end' }>['outcome'],
    { bundle, digest, domains }: Result = { bundle: null, digest: null, domains: [] },
  ): BuildEvent => {
    const at = options.now();
    const measured = { at, elapsedMs: at - started, peakMemoryBytes: memory.peak() };
    return { event: 'build-end', outcome, ...measured, bundle, digest, domains: [...domains] };
  };

  try {
    const graph = stagesOf(recipe, inherited);
    refuseStrayOverrides(recipe.override, graph);
    const nodes = nodesUntil(graph, options.until);
    // A build of data only needs no Python.
    const versions = nodes.some(({ stage }) => stage.cacheInputs.includes('engine'))
      ? await learnEngineVersions(options.store, placement, engine)
      : '';
    const plan = await planBuild(nodes, recipe, store, versions, await readTimings(options.store), sourceSizes);
    const refusal = findRefusal(plan, recipe.budget, await thisMachine(options.store, plan.downloadBytes > 0));
    if (refusal) throw refusal;
    const teachers = teachersOf(plan);
    teacherPool = openTeacherPool({
      store: options.store,
      recipe: accountOf(recipe),
      run: log.id,
      budget: recipe.budget.money,
      seed: recipe.seed,
      teachers,
      options: recipe.teachers,
      environment: process.env,
      onWarning: (message) => emit({ event: 'stage-warning', at: options.now(), stage: currentNode() ?? '', message }),
    });
    await teacherPool.check(teachers, options.signal);
    emit({
      event: 'build-start',
      at: started,
      run: log.id,
      recipe: recipe.name,
      stages: plan.nodes.map(({ id }) => id),
      chapters: Object.fromEntries(plan.nodes.map(({ id, chapter }) => [id, chapter])),
      inputs: Object.fromEntries(plan.nodes.map(({ id, inputs }) => [id, [...new Set(Object.values(inputs))]])),
    });
    const result = await runPlan(plan, {
      ...options,
      recipe,
      store,
      engine,
      versions,
      teacherPool,
      log,
      threads: placement.threads,
      emit,
      memory: memory.now,
    });
    emit(ended(result.outcome, result));
    return { ...result, run: log.id, runFolder: log.folder };
  } catch (cause) {
    reportFailure({ log, onEvent: options.onEvent }, ended(options.signal.aborted ? 'interrupted' : 'failed'));
    throw cause;
  } finally {
    memory.close();
    await Promise.allSettled([engine.close(), teacherPool?.close()]);
  }
}

/** Whom the stages that are to run may ask. */
function teachersOf({ nodes }: Plan): Teacher[] {
  const open = nodes.filter(({ cached }) => !cached);
  const asks = open.flatMap(({ workload }) => workload.asks ?? []).filter(({ requests }) => requests > 0);
  return [...new Set(asks.map(({ teacher }) => teacher))];
}

function runId(name: string, at: number): string {
  const time = new Date(at).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 18).replace('.', '');
  return `${time}-${name}`;
}
