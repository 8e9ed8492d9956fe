import { stat } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';
import { llamaRelease } from '@cogumi/llama';
import { hashJson } from '@cogumi/pure';
import type { TeachersOptions } from '@cogumi/teachers';
import { refuseUnknownPrice } from '@cogumi/teachers';
import { teachersFingerprint } from '@cogumi/teachers/procedural';
import { hasBatches, knownPrices, priceOf } from '@cogumi/teachers/providers';
import { checkFolderArchitecture } from '../../artifacts/check-architecture.ts';
import { hashPath } from '../../artifacts/hash-file.ts';
import { type ModelSize, readModelSize } from '../../artifacts/model-size.ts';
import type { Store } from '../../artifacts/store.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { checkGgufArchitecture } from '../../stages/check-gguf-architecture.ts';
import type { SourceSize, Workload } from '../../stages/stage.ts';
import type { Node, PlannedNode } from '../graph/node.ts';
import { readBundleSize, readGgufSize } from './gguf-size.ts';
import type { Pinned } from './pin-sources.ts';
import { sourceNotFound } from './source-not-found.ts';
import { byConstants, type Timings } from './timings.ts';

/** What a build will do, before it does anything. */
export interface Plan {
  readonly nodes: readonly PlannedNode[];
  /** Of what is not cached. */
  readonly seconds: number;
  /** What stays, and the working state of the stages that have most of it, as many as run side by side. */
  readonly bytes: number;
  /** From the hub into its cache, which the store has no part in. */
  readonly downloadBytes: number;
  /** Most that the build holds at once. */
  readonly memoryBytes: number;
  readonly money: number;
}

/** Memory of the build's own process and two sandboxes with Pyodide (measured: 0.23 and 2 × 0.16 GB). */
const BUILD_BYTES = 0.6e9;

/**
 * Gives every node its key and says what is already there and what the rest will take.
 *
 * @param sourceSizes - Sizes of what is read from elsewhere than files of this machine.
 * @param engineVersions - Libraries and device kind that tensor work depends on.
 * @throws CogumiError SOURCE_NOT_FOUND, PRICE_UNKNOWN, ARCHITECTURE_UNKNOWN, ARCHITECTURE_SETTING.
 */
export async function planBuild(
  nodes: readonly Node[],
  recipe: Pick<Recipe, 'seed' | 'teachers' | 'stagesAtOnce'>,
  store: Pick<Store, 'find'>,
  engineVersions: string,
  timings: Timings = byConstants,
  sourceSizes: Pinned<Recipe>['sourceSizes'] = {},
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
    const workload = node.stage.workload(
      node.options as never,
      inputs,
      await sizeSources(node, sourceSizes[node.id] ?? {}),
    );
    workloads.set(node.id, workload);
    planned.push({ ...node, key, cached, sourceHashes, workload, ...timings(node.stage.name, workload) });
  }
  const open = planned.filter(({ cached }) => !cached);
  const sum = (of: (node: PlannedNode) => number) => open.reduce((total, node) => total + of(node), 0);
  return {
    nodes: planned,
    seconds: sum(({ seconds }) => seconds),
    bytes: sum(({ workload }) => workload.bytes) + peakWork(open, recipe.stagesAtOnce),
    downloadBytes: sum(({ workload }) => workload.downloadBytes ?? 0),
    memoryBytes: peakMemory(open, recipe.stagesAtOnce),
    money: priceOfAsks(open, recipe.teachers),
  };
}

/**
 * The build itself, the engine at its largest, and the models of the stages that load most, as many as run side by side.
 * The engine is one process that keeps what it once needed, so its peak meets those of later stages.
 */
function peakMemory(nodes: readonly PlannedNode[], atOnce: number): number {
  const engine = Math.max(0, ...nodes.map(({ workload }) => workload.memory?.engine ?? 0));
  const loaded = sumOfLargest(
    nodes.map(({ workload }) => workload.memory?.models ?? 0),
    atOnce,
  );
  return nodes.length === 0 ? 0 : BUILD_BYTES + engine + loaded;
}

/** Working state is removed when its stage ends. */
function peakWork(nodes: readonly PlannedNode[], atOnce: number): number {
  return sumOfLargest(
    nodes.map(({ workload }) => workload.workBytes ?? 0),
    atOnce,
  );
}

function sumOfLargest(values: readonly number[], count: number): number {
  const largest = values.toSorted((left, right) => right - left).slice(0, count);
  return largest.reduce((sum, value) => sum + value, 0);
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
      throw await sourceNotFound(node.id, path, cause as NodeJS.ErrnoException);
    }
  }
  return hashes;
}

/** Sizes of the sources of a node, by name. @param elsewhere - Of those that are no files of this machine. */
async function sizeSources(
  { sources }: Node,
  elsewhere: Readonly<Record<string, SourceSize>>,
): Promise<Record<string, SourceSize>> {
  const sizes: Record<string, SourceSize> = { ...elsewhere };
  for (const [name, path] of Object.entries(sources)) {
    const found = await stat(path);
    if (found.isDirectory()) await checkFolderArchitecture(path);
    if (path.endsWith('.gguf')) await checkGgufArchitecture(path);
    const model = await (found.isDirectory() ? readModelSize : readFileSize(path))(path);
    sizes[name] = { ...(found.isFile() ? { bytes: found.size } : {}), ...(model ? { model } : {}) };
  }
  return sizes;
}

function readFileSize(path: string): (path: string) => Promise<ModelSize | null> {
  if (path.endsWith('.gguf')) return readGgufSize;
  return path.endsWith('.cogumi') ? readBundleSize : async () => null;
}
