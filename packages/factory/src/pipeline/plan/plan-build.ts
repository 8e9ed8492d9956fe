import { stat } from 'node:fs/promises';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { llamaRelease } from '@cogumi/llama';
import { hashJson } from '@cogumi/pure';
import type { TeachersOptions } from '@cogumi/teachers';
import { refuseUnknownPrice } from '@cogumi/teachers';
import { teachersFingerprint } from '@cogumi/teachers/procedural';
import { hasBatches, knownPrices, priceOf } from '@cogumi/teachers/providers';
import { hashPath } from '../../artifacts/hash-file.ts';
import type { Store } from '../../artifacts/store.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { Workload } from '../../stages/stage.ts';
import type { Node, PlannedNode } from '../graph/node.ts';
import type { Pinned } from './pin-sources.ts';
import { byConstants, type Timings } from './timings.ts';

/** What a build will do, before it does anything. */
export interface Plan {
  readonly nodes: readonly PlannedNode[];
  /** Of what is not cached. */
  readonly seconds: number;
  readonly bytes: number;
  readonly money: number;
}

/**
 * Gives every node its key and says what is already there and what the rest will take.
 *
 * @param sourceBytes - Sizes of what is read from elsewhere than files of this machine.
 * @param engineVersions - Libraries and device kind that tensor work depends on.
 * @throws CogumiError SOURCE_NOT_FOUND; PRICE_UNKNOWN; BUDGET_IMPOSSIBLE when the plan cannot stay inside the recipe's budget.
 */
export async function planBuild(
  nodes: readonly Node[],
  recipe: Pick<Recipe, 'seed' | 'budget' | 'teachers'>,
  store: Pick<Store, 'find'>,
  engineVersions: string,
  timings: Timings = byConstants,
  sourceBytes: Pinned<Recipe>['sourceBytes'] = {},
): Promise<Plan> {
  const releases = { engine: engineVersions, llama: llamaRelease(), teachers: teachersFingerprint() };
  const planned: PlannedNode[] = [];
  const keys = new Map<string, string>();
  const workloads = new Map<string, Workload>();
  for (const node of nodes) {
    const sourceHashes = await hashSources(node);
    const key = hashJson({
      stage: node.stage.name,
      version: node.stage.version,
      options: node.options,
      seed: recipe.seed,
      inputs: Object.fromEntries(Object.entries(node.inputs).map(([name, id]) => [name, keys.get(id)])),
      sources: sourceHashes,
      cacheInputs: Object.fromEntries(node.stage.cacheInputs.map((name) => [name, releases[name]])),
    });
    keys.set(node.id, key);
    const cached = (await store.find(key)) !== null;
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, id]) => {
        const workload = workloads.get(id) as Workload;
        return [name, { ...workload, items: workload.gives ?? workload.items }];
      }),
    );
    const workload = node.stage.workload(node.options as never, inputs, {
      ...sourceBytes[node.id],
      ...(await sizeFiles(node)),
    });
    workloads.set(node.id, workload);
    planned.push({ ...node, key, cached, sourceHashes, workload, ...timings(node.stage.name, workload) });
  }
  const open = planned.filter(({ cached }) => !cached);
  const sum = (of: (node: PlannedNode) => number) => open.reduce((total, node) => total + of(node), 0);
  const plan = {
    nodes: planned,
    seconds: sum(({ seconds }) => seconds),
    bytes: sum(({ workload }) => workload.bytes),
    money: priceOfAsks(open, recipe.teachers),
  };
  refuseImpossible(plan, recipe.budget);
  return plan;
}

/** USD, as expected: the ledger goes by the worst case of each request, the plan by what is usual. */
function priceOfAsks(nodes: readonly PlannedNode[], options: TeachersOptions): number {
  const prices = knownPrices(options.prices);
  return nodes
    .flatMap(({ workload }) => workload.asks ?? [])
    .reduce((sum, { teacher, requests, inputTokens, outputTokens }) => {
      const price = priceOf(prices, teacher) ?? refuseUnknownPrice(teacher);
      const share = options.batch !== 'never' && hasBatches(teacher) ? price.batch : 1;
      return sum + (requests * share * (inputTokens * price.input + outputTokens * price.output)) / 1e6;
    }, 0);
}

async function hashSources(node: Node): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const [name, path] of Object.entries(node.sources)) {
    try {
      hashes[name] = await hashPath(path);
    } catch (cause) {
      if (cause instanceof CogumiError) throw cause;
      throw new CogumiError(
        'SOURCE_NOT_FOUND',
        `\`${node.id}\` reads ${path}, which ${(cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read'}.`,
        'Paths in a recipe are relative to the recipe file; paths given with --set to the working folder.',
        { cause, exitCode: EXIT.usage },
      );
    }
  }
  return hashes;
}

/** Sizes of the sources that are files, by name. */
async function sizeFiles({ sources }: Node): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const [name, path] of Object.entries(sources)) {
    const found = await stat(path);
    if (found.isFile()) sizes[name] = found.size;
  }
  return sizes;
}

function refuseImpossible(plan: Omit<Plan, 'nodes'>, budget: Recipe['budget']): void {
  const problems: string[] = [];
  if (plan.money > budget.money + 1e-9) {
    problems.push(`teachers may cost $${plan.money.toFixed(4)}, budget.money is $${budget.money.toFixed(4)}`);
  }
  if (budget.hours !== null && plan.seconds > budget.hours * 3600) {
    problems.push(`it takes about ${(plan.seconds / 3600).toFixed(2)} h, budget.hours is ${budget.hours}`);
  }
  if (budget.bytes !== null && plan.bytes > budget.bytes) {
    problems.push(`it writes about ${Math.round(plan.bytes)} bytes, budget.bytes is ${budget.bytes}`);
  }
  if (problems.length === 0) return;
  throw new CogumiError(
    'BUDGET_IMPOSSIBLE',
    `The plan cannot stay inside its budget: ${problems.join('; ')}.`,
    'Ask for less or allow more; `cogumi plan` shows what each stage takes.',
    { exitCode: EXIT.usage },
  );
}
