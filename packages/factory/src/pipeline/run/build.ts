import { join } from 'node:path';
import { type BuildEvent, CogumiError, type Gate, type Teacher } from '@cogumi/contracts';
import { type OpenTeacherPool, openTeacherPool } from '@cogumi/teachers';
import { type Artifact, openStore, type Store } from '../../artifacts/store.ts';
import { createEngine } from '../../engine/index.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { refuseStrayOverrides } from '../graph/check-overrides.ts';
import type { PlannedNode } from '../graph/node.ts';
import { nodesUntil } from '../graph/nodes-until.ts';
import { stagesOf } from '../graph/stages.ts';
import { type Pinned, pinSources } from '../plan/pin-sources.ts';
import { type Plan, planBuild } from '../plan/plan-build.ts';
import { accountOf } from '../plan/sample-recipe.ts';
import { noteTiming, readTimings } from '../plan/timings.ts';
import { lockStore } from '../store/store-lock.ts';
import type { BuildContext, BuildOptions } from './build-context.ts';
import { learnEngineVersions } from './engine-versions.ts';
import { explainFailure } from './explain-failure.ts';
import { treeMemoryBytes } from './memory.ts';
import { publishBundle } from './publish-bundle.ts';
import { startRunLog } from './run-log.ts';
import { runStage } from './run-stage.ts';
import { threadsOf } from './threads.ts';

export interface BuildResult {
  readonly outcome: 'done' | 'gate-failed' | 'inconclusive';
  readonly run: string;
  readonly runFolder: string;
  readonly bundle: string | null;
  readonly digest: string | null;
  /** Where the result of the last stage lies: of the one that `until` names; null when it was not reached. */
  readonly folder: string | null;
  readonly gates: readonly { stage: string; gate: Gate; overridden: boolean }[];
}

/**
 * The whole story on one page: plan, then stage by stage either take what the store has or run it, judge its gates,
 * and start nothing that stands on a failed one.
 */
export async function build(recipe: Recipe, options: BuildOptions): Promise<BuildResult> {
  let unlock = async () => {};
  try {
    const store = await openStore(options.store);
    unlock = await lockStore(options.store);
    return await buildIn(store, await pinSources(recipe, store.root, options.signal), options);
  } catch (cause) {
    throw explainFailure(cause, options.store, options.signal.aborted);
  } finally {
    // A lock that stays is taken over once this process is gone; it must not hide how the build ended.
    await unlock().catch(() => undefined);
  }
}

async function buildIn(
  store: Store,
  { recipe, sourceBytes }: Pinned<Recipe>,
  options: BuildOptions,
): Promise<BuildResult> {
  const started = options.now();
  const log = startRunLog(options.store, runId(recipe.name, started), recipe);
  const threads = threadsOf(recipe);
  const engine = createEngine({ threads, logPath: join(log.folder, 'engine.log') });
  let teacherPool: OpenTeacherPool | null = null;
  let peakMemoryBytes: number | null = null;
  const memory = () => {
    const now = treeMemoryBytes(process.pid);
    if (now !== null) peakMemoryBytes = Math.max(peakMemoryBytes ?? 0, now);
    return now;
  };
  const watch = setInterval(memory, 500);
  let current = '';
  const emit = (event: BuildEvent) => {
    if (event.event === 'stage-start') current = event.stage;
    log.write(event);
    options.onEvent(event);
  };
  const ended = (
    outcome: Extract<BuildEvent, { event: 'build-end' }>['outcome'],
    bundle: string | null = null,
    digest: string | null = null,
  ): BuildEvent => {
    memory();
    const at = options.now();
    return { event: 'build-end', at, outcome, elapsedMs: at - started, peakMemoryBytes, bundle, digest };
  };

  try {
    const graph = stagesOf(recipe);
    const nodes = nodesUntil(graph, options.until);
    // Data alone needs no Python.
    const versions = nodes.some(({ stage }) => stage.cacheInputs.includes('engine'))
      ? await learnEngineVersions(options.store, threads, engine)
      : '';
    const plan = await planBuild(nodes, recipe, store, versions, await readTimings(options.store), sourceBytes);
    refuseStrayOverrides(recipe.override, graph);
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
      onWarning: (message) => emit({ event: 'stage-warning', at: options.now(), stage: current, message }),
    });
    await teacherPool.check(teachers, options.signal);
    emit({
      event: 'build-start',
      at: started,
      run: log.id,
      recipe: recipe.name,
      stages: plan.nodes.map(({ id }) => id),
    });
    const result = await runPlan(plan, {
      ...options,
      recipe,
      store,
      engine,
      versions,
      teacherPool,
      log,
      threads,
      emit,
      memory,
    });
    emit(ended(result.outcome, result.bundle, result.digest));
    return { ...result, run: log.id, runFolder: log.folder };
  } catch (cause) {
    tellFailure({ log, onEvent: options.onEvent }, ended(options.signal.aborted ? 'interrupted' : 'failed'));
    throw cause;
  } finally {
    clearInterval(watch);
    await Promise.allSettled([engine.close(), teacherPool?.close()]);
  }
}

/** Whom the stages that are to run may ask. */
function teachersOf({ nodes }: Plan): Teacher[] {
  const open = nodes.filter(({ cached }) => !cached);
  const asks = open.flatMap(({ workload }) => workload.asks ?? []).filter(({ requests }) => requests > 0);
  return [...new Set(asks.map(({ teacher }) => teacher))];
}

/** What cannot be told, mostly because the same full disk holds the log, must not hide the failure, which is thrown next. */
function tellFailure({ log, onEvent }: Pick<BuildContext, 'log' | 'onEvent'>, event: BuildEvent): void {
  for (const tell of [log.write, onEvent]) {
    try {
      tell(event);
    } catch {
      // The first failure is the one to hear of.
    }
  }
}

async function runPlan(plan: Plan, buildContext: BuildContext) {
  const { recipe, emit, now } = buildContext;
  const done = new Map<string, Artifact>();
  const blocked = new Map<string, string>();
  const checked = new Set<string>();
  const gates: { stage: string; gate: Gate; overridden: boolean }[] = [];

  for (const node of plan.nodes) {
    buildContext.signal.throwIfAborted();
    const began = now();
    const ended = (outcome: 'done' | 'cached' | 'failed' | 'blocked', message = ''): BuildEvent => {
      return { event: 'stage-end', at: now(), stage: node.id, outcome, elapsedMs: now() - began, message };
    };
    emit({ event: 'stage-start', at: began, stage: node.id, key: node.key });

    const cause = Object.values(node.inputs).flatMap((id) => blocked.get(id) ?? [])[0];
    if (cause !== undefined) {
      blocked.set(node.id, cause);
      emit(ended('blocked', `it stands on ${cause}`));
      continue;
    }
    const found = await buildContext.store.find(node.key);
    if (!found) {
      await checkInputs(node, done, checked, buildContext.store);
      // What this run makes itself needs no second look.
      checked.add(node.id);
    }
    const artifact = found ?? (await runNode(node, done, buildContext, ended));
    done.set(node.id, artifact);
    for (const gate of artifact.manifest.gates) {
      const named = recipe.override.some((name) => name === '*' || name === `${node.id}/${gate.name}`);
      const overridden = gate.verdict !== 'pass' && named;
      gates.push({ stage: node.id, gate, overridden });
      emit({ event: 'gate-judged', at: now(), stage: node.id, gate, overridden });
      if (gate.verdict === 'fail' && !overridden) blocked.set(node.id, `the failed gate ${node.id}/${gate.name}`);
    }
    emit(ended(found ? 'cached' : 'done'));
  }

  const shipped = blocked.size === 0 ? done.get('bundle') : undefined;
  if (shipped && !checked.has('bundle')) await buildContext.store.check(shipped);
  const open = gates.filter(({ overridden }) => !overridden).map(({ gate }) => gate.verdict);
  const outcome = open.includes('fail') ? 'gate-failed' : open.includes('inconclusive') ? 'inconclusive' : 'done';
  const folder = done.get(plan.nodes.at(-1)?.id ?? '')?.folder ?? null;
  return { gates, outcome, folder, ...(await publishBundle(recipe.name, shipped, buildContext.store.root)) } as const;
}

/** Nothing may stand on a damaged file: what a stage reads from earlier runs is compared with its manifest, once a run. */
async function checkInputs(
  node: PlannedNode,
  done: ReadonlyMap<string, Artifact>,
  checked: Set<string>,
  store: Store,
): Promise<void> {
  for (const id of Object.values(node.inputs)) {
    if (checked.has(id)) continue;
    await store.check(done.get(id) as Artifact);
    checked.add(id);
  }
}

async function runNode(
  node: PlannedNode,
  done: ReadonlyMap<string, Artifact>,
  buildContext: BuildContext,
  ended: (outcome: 'failed', message: string) => BuildEvent,
): Promise<Artifact> {
  try {
    const began = buildContext.now();
    const { artifact, items } = await runStage(node, done, buildContext);
    noteTiming(buildContext.store.root, {
      stage: node.stage.name,
      items,
      seconds: (buildContext.now() - began) / 1000,
    });
    buildContext.emit({
      event: 'artifact-written',
      at: buildContext.now(),
      stage: node.id,
      key: node.key,
      kind: artifact.manifest.kind,
      bytes: artifact.manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
    });
    return artifact;
  } catch (cause) {
    const failure = explainFailure(cause, buildContext.store.root, buildContext.signal.aborted);
    tellFailure(buildContext, ended('failed', failure instanceof CogumiError ? failure.code : 'UNEXPECTED'));
    throw failure;
  }
}

function runId(name: string, at: number): string {
  const time = new Date(at).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 18).replace('.', '');
  return `${time}-${name}`;
}
