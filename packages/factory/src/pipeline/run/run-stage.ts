import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CogumiError } from '@cogumi/contracts';
import { type ModelHost, openModel } from '@cogumi/llama';
import { createRandom } from '@cogumi/pure';
import { hashPath } from '../../artifacts/hash-file.ts';
import type { Artifact } from '../../artifacts/store.ts';
import { CONTEXT_TOKENS, type ServedBundle, type StageContext } from '../../stages/context.ts';
import { refuseUndeclaredGates } from '../../stages/gate-names.ts';
import { inputArtifact, inputsUnder } from '../../stages/input-artifact.ts';
import type { Stage } from '../../stages/stage.ts';
import type { PlannedNode } from '../graph/node.ts';
import type { BuildContext } from './build-context.ts';
import { checkEngineVersions } from './engine-versions.ts';
import { serveBundle } from './serve-bundle.ts';

/** Least time between two progress events (chosen: a person reads them). */
const PROGRESS_EVERY_MS = 200;

/** Runs one stage in its `.partial` folder and makes the result an artifact. @returns It, and how many items it took. */
export async function runStage(
  node: PlannedNode,
  done: ReadonlyMap<string, Artifact>,
  buildContext: BuildContext,
): Promise<{ artifact: Artifact; items: number; resumed: boolean }> {
  const { store, engine, teacherPool, emit, now } = buildContext;
  const output = await store.begin(node.key, node.stage.resumable);
  const resumed = existsSync(join(output, 'checkpoint'));
  // What an optional step did not come to is missing.
  const read = Object.entries(node.inputs).flatMap(([name, id]): [string, Artifact][] => {
    const artifact = done.get(id);
    return artifact && artifact.manifest.skipped === undefined ? [[name, artifact]] : [];
  });
  const inputs = new Map(read.map(([name, artifact]) => [name, inputArtifact(artifact)]));
  const models: ModelHost[] = [];
  const servers: ServedBundle[] = [];
  const warnings: string[] = [];
  let lastTold = 0;
  /** Where counting in this unit began: a resumed stage begins far from zero. */
  let from = { unit: '', done: 0, at: 0 };

  const progress: StageContext<unknown>['progress'] = ({ done: finished, total, unit, note = '' }) => {
    if (unit !== from.unit) from = { unit, done: finished, at: now() };
    else if (now() - lastTold < PROGRESS_EVERY_MS && finished < total) return;
    lastTold = now();
    const elapsed = now() - from.at;
    const perSecond = elapsed > 0 && finished > from.done ? ((finished - from.done) / elapsed) * 1000 : null;
    emit({
      event: 'stage-progress',
      at: now(),
      stage: node.id,
      done: finished,
      total,
      unit,
      perSecond,
      remainingMs: perSecond === null ? null : ((total - finished) / perSecond) * 1000,
      memoryBytes: buildContext.memory(),
      note,
    });
  };

  const context: StageContext<unknown> = {
    options: node.options,
    sources: node.sources,
    input: (name) => {
      const found = inputs.get(name);
      if (!found) throw new RangeError(`stage ${node.id} has no input "${name}"`);
      return found;
    },
    optionalInput: (name) => inputs.get(name) ?? null,
    inputsUnder: (prefix) => inputsUnder(prefix, inputs),
    output,
    seed: buildContext.recipe.seed,
    random: createRandom(`${buildContext.recipe.seed}/${node.stage.name}`),
    threads: buildContext.threads,
    teacherPool,
    signal: buildContext.signal,
    runJob: async (job, jobInputs, options = node.options as Record<string, unknown>, into = output) => {
      checkEngineVersions(buildContext.versions, await engine.versions(), store.root);
      return engine.run(
        { job, inputs: { ...jobInputs }, options: { ...options }, output: into, seed: buildContext.recipe.seed },
        {
          signal: buildContext.signal,
          onEvent: (event) => {
            if (event.event === 'progress') {
              const note = event.tokensPerSecond === null ? '' : `${Math.round(event.tokensPerSecond)} tokens/s`;
              progress({ done: event.done, total: event.total, unit: event.unit, note });
            } else if (event.event === 'metric') context.metric(event.name, event.step, event.value);
            else if (event.event === 'warning') context.warn(event.message);
          },
        },
      );
    },
    openModel: async ({ sideBySide = 1, ...options }) => {
      const model = await openModel({
        signal: buildContext.signal,
        contextTokens: CONTEXT_TOKENS,
        mostThreads: Math.max(1, Math.floor(buildContext.threads / sideBySide)),
        ...options,
      });
      models.push(model);
      return model;
    },
    serveBundle: async (path) => {
      const server = await serveBundle(buildContext.command, path, buildContext.log.folder, buildContext.signal);
      servers.push(server);
      return server;
    },
    progress,
    metric: (name, step, value) => emit({ event: 'stage-metric', at: now(), stage: node.id, name, step, value }),
    warn: (message) => {
      warnings.push(message);
      emit({ event: 'stage-warning', at: now(), stage: node.id, message });
    },
  };

  try {
    const { gates, facts, skipped, items = node.workload.items } = await node.stage.run(context as StageContext<never>);
    await refuseChangedSources(node);
    refuseUndeclaredGates(node.stage as Stage, { options: node.options, inputs: Object.keys(node.inputs), gates });
    const artifact = await store.finish({
      key: node.key,
      kind: node.stage.output,
      stage: node.stage.name,
      stageVersion: node.stage.version,
      options: node.options as never,
      inputs: Object.fromEntries(read.map(([name, { manifest }]) => [name, manifest.key])),
      engine: node.stage.cacheInputs.includes('engine') ? buildContext.versions : null,
      gates: [...gates],
      facts: { ...facts },
      ...(warnings.length > 0 && { warnings }),
      ...(skipped === undefined ? {} : { skipped }),
    });
    return { artifact, items, resumed };
  } finally {
    await Promise.allSettled([...models, ...servers].map((open) => open.close()));
  }
}

/** What was read has to be what the key says, or another content would lie under it for good. @throws CogumiError SOURCE_CHANGED */
async function refuseChangedSources({ id, sources, sourceHashes }: PlannedNode): Promise<void> {
  for (const [name, path] of Object.entries(sources)) {
    const found = await hashPath(path);
    if (found === sourceHashes[name]) continue;
    throw new CogumiError(
      'SOURCE_CHANGED',
      `${path} changed while \`${id}\` was at work: its SHA-256 was ${sourceHashes[name]}, now it is ${found}.`,
      'Run the same command again when nobody writes to it any more; nothing of this stage was kept.',
    );
  }
}
