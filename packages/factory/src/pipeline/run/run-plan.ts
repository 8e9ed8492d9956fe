import {
  type BuildEvent,
  CogumiError,
  ComparisonFacts,
  countedVerdict,
  type DomainResult,
  type Gate,
  gateId,
} from '@cogumi/contracts';
import type { Artifact, Store } from '../../artifacts/store.ts';
import type { PlannedNode } from '../graph/node.ts';
import type { Plan } from '../plan/plan-build.ts';
import type { BuildContext } from './build-context.ts';
import { publishBundle } from './publish-bundle.ts';
import { runNode } from './run-node.ts';

/** A gate of the build, under the name that `--override` takes: `<stage>/<gate name>`. */
export interface JudgedGate {
  readonly stage: string;
  readonly gate: Gate;
  readonly overridden: boolean;
  /** The optional step that it proves, whose failure takes back the step; null: it has to hold. */
  readonly candidate: string | null;
}

/** What became of the nodes so far. */
class Progress {
  readonly artifacts = new Map<string, Artifact>();
  readonly gates: JudgedGate[] = [];
  /** Node to the failed gate, or the refusal, that stops what reads it. */
  readonly #blocked = new Map<string, string>();
  readonly #skipped = new Map<string, string>();
  /** Artifacts whose bytes this run has compared with their manifests, or written itself. */
  readonly #checked = new Set<string>();
  readonly #groups: ReadonlyMap<string, string | null>;

  constructor(nodes: readonly PlannedNode[]) {
    this.#groups = new Map(nodes.map(({ id, candidate }) => [id, candidate]));
  }

  has(id: string): boolean {
    return this.artifacts.has(id) || this.#blocked.has(id) || this.#skipped.has(id);
  }

  /** Why a node cannot run: a failed gate, a refusal, or nothing to do, before it. What fails inside a candidate group stops only the group. */
  obstacle({ inputs, candidate, stage }: PlannedNode): { outcome: 'blocked' | 'skipped'; reason: string } | null {
    const reads = Object.values(inputs).filter((id) => {
      const group = this.#groups.get(id) ?? null;
      return group === null || group === candidate;
    });
    // The result is there, and only its gate failed. An optional step has nothing to explain: it is taken back.
    const isReadable = (id: string) => stage.readsFailed === true && candidate === null && this.artifacts.has(id);
    for (const [outcome, stopped] of [
      ['blocked', this.#blocked],
      ['skipped', this.#skipped],
    ] as const) {
      const open = outcome === 'blocked' ? reads.filter((id) => !isReadable(id)) : reads;
      const reason = open.flatMap((id) => stopped.get(id) ?? [])[0];
      if (reason !== undefined) return { outcome, reason };
    }
    return null;
  }

  stop(id: string, { outcome, reason }: { outcome: 'blocked' | 'skipped'; reason: string }): void {
    (outcome === 'blocked' ? this.#blocked : this.#skipped).set(id, reason);
  }

  finish({ id, candidate }: PlannedNode, artifact: Artifact, overrides: readonly string[]): JudgedGate[] {
    this.artifacts.set(id, artifact);
    const { gates, skipped } = artifact.manifest;
    if (skipped !== undefined) this.#skipped.set(id, skipped);
    const judged = gates.map((gate) => {
      const named = overrides.some((name) => name === '*' || name === gateId(id, gate));
      const open = gate.verdict === 'fail' || gate.verdict === 'inconclusive';
      return { stage: id, gate, overridden: open && named, candidate };
    });
    for (const { gate, overridden } of judged)
      if (gate.verdict === 'fail' && !overridden) this.#blocked.set(id, `the failed gate ${gateId(id, gate)}`);
    this.gates.push(...judged);
    return judged;
  }

  /** Compares what a node reads from earlier runs with its manifest, once a run: nothing may stand on a damaged file. */
  async check(ids: readonly string[], store: Store): Promise<void> {
    for (const id of ids) {
      const artifact = this.artifacts.get(id);
      if (this.#checked.has(id) || !artifact) continue;
      await store.check(artifact);
      this.#checked.add(id);
    }
  }

  madeHere(id: string): void {
    this.#checked.add(id);
  }

  /** Whether a failure outside every candidate group stopped a part of the build. */
  get stopped(): boolean {
    return [...this.#blocked.keys()].some((id) => this.#groups.get(id) === null);
  }
}

/**
 * Runs a plan: each node is taken from the store or run, its gates are judged, and nothing starts that reads a result
 * whose gate failed. Nodes start in the order of the plan, `recipe.stagesAtOnce` at a time, as soon as what they read is there.
 *
 * @returns The gates, how the build ended, and the bundle where one was made.
 * @throws What the first failing stage threw, after the other stages that run have ended.
 */
export async function runPlan(plan: Plan, context: BuildContext) {
  const { recipe, store } = context;
  const progress = new Progress(plan.nodes);
  const waiting = [...plan.nodes];
  const running = new Set<Promise<void>>();
  const stop = new AbortController();
  const own = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  const failures: unknown[] = [];
  while (waiting.length + running.size > 0 && failures.length === 0 && !context.signal.aborted) {
    const at = waiting.findIndex(({ inputs }) => Object.values(inputs).every((id) => progress.has(id)));
    if (at === -1 || running.size >= recipe.stagesAtOnce) {
      await Promise.race(running);
      continue;
    }
    const node = waiting.splice(at, 1)[0]!;
    const work = settleNode(node, progress, own)
      .catch((cause: unknown) => {
        failures.push(cause);
        stop.abort(cause);
      })
      .finally(() => running.delete(work));
    running.add(work);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  context.signal.throwIfAborted();

  const shippedId = plan.nodes.find(({ stage }) => stage.output === 'bundle')?.id ?? '';
  const shipped = progress.stopped ? undefined : progress.artifacts.get(shippedId);
  if (shipped) await progress.check([shippedId], store);
  const { gates } = progress;
  const open = gates.map(countedVerdict);
  const outcome = open.includes('fail') ? 'gate-failed' : open.includes('inconclusive') ? 'inconclusive' : 'done';
  const folder = progress.artifacts.get(plan.nodes.at(-1)?.id ?? '')?.folder ?? null;
  const domains = domainResults(progress.artifacts.values());
  return { gates, outcome, folder, domains, ...(await publishBundle(recipe.name, shipped, store.root)) } as const;
}

/** What the bundle can do, as the node says that compared it; empty where none did. */
function domainResults(artifacts: Iterable<Artifact>): readonly DomainResult[] {
  const compared = [...artifacts].find(({ manifest }) => manifest.kind === 'comparison');
  return compared ? ComparisonFacts.parse(compared.manifest.facts).domains : [];
}

async function settleNode(node: PlannedNode, progress: Progress, context: BuildContext): Promise<void> {
  const { emit, now, store, recipe } = context;
  const began = now();
  const ended = (outcome: Extract<BuildEvent, { event: 'stage-end' }>['outcome'], message = ''): BuildEvent => ({
    ...{ event: 'stage-end', at: now(), stage: node.id, outcome, elapsedMs: now() - began, message },
  });
  emit({ event: 'stage-start', at: began, stage: node.id, key: node.key });
  const obstacle = progress.obstacle(node);
  if (obstacle) {
    progress.stop(node.id, obstacle);
    return emit(
      ended(obstacle.outcome, obstacle.outcome === 'blocked' ? `it stands on ${obstacle.reason}` : obstacle.reason),
    );
  }
  const found = await store.find(node.key);
  if (!found) await progress.check(Object.values(node.inputs), store);
  const failed = (failure: unknown) => {
    const refusal = refusalOf(node, failure);
    if (refusal) return ended('blocked', `${refusal.message} ${refusal.hint}`);
    return ended('failed', failureText(failure));
  };
  const artifact =
    found ??
    (await runNode(node, progress.artifacts, context, failed).catch((failure: unknown) => {
      const refusal = refusalOf(node, failure);
      if (!refusal) throw failure;
      progress.stop(node.id, { outcome: 'blocked', reason: `the refusal of ${node.id} (${refusal.code})` });
      return null;
    }));
  if (!artifact) return;
  if (!found) progress.madeHere(node.id);
  for (const message of found?.manifest.warnings ?? [])
    emit({ event: 'stage-warning', at: now(), stage: node.id, message });
  for (const judged of progress.finish(node, artifact, recipe.override))
    emit({ event: 'gate-judged', at: now(), ...judged });
  const { skipped } = artifact.manifest;
  emit(skipped === undefined ? ended(found ? 'cached' : 'done') : ended('skipped', skipped));
}

/** What the record of a build says of a failure, after whose end nobody sees it on the screen any more. */
function failureText(failure: unknown): string {
  if (failure instanceof CogumiError) return `${failure.code}: ${failure.message} ${failure.hint}`;
  return `UNEXPECTED: ${failure}`;
}

/** The error of an optional step that says it cannot be done here; null: none, or one that ends the build. */
function refusalOf({ stage, candidate }: PlannedNode, failure: unknown): CogumiError | null {
  if (candidate === null || !(failure instanceof CogumiError)) return null;
  return stage.refuses?.includes(failure.code) ? failure : null;
}
