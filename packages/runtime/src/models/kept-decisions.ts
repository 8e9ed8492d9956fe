import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { type Decisions, llamaRelease, type MemoryNeed, readModelHeader } from '@cogumi/llama';
import { makeFolder, replaceFile } from '@cogumi/pure';
import { z } from 'zod';
import type { LoadOptions, ModelFiles } from './load-model.ts';

/** What was measured of a model before, and a place for what is measured now. */
export interface KeptDecisions {
  readonly decided: Decisions;
  /** Adds to what is kept. A cache folder that cannot be written keeps nothing: the next start measures again. */
  keep(decided: Decisions): Promise<void>;
  /** The memory with so many sequences, as it was predicted before, or as `predict` does now. */
  need(sequences: number, predict: (sequences: number) => Promise<MemoryNeed>): Promise<MemoryNeed>;
}

const Passes = z.array(z.object({ tokens: z.number(), ms: z.number() })).min(2);
const Source = z.object({
  used: z.boolean(),
  reason: z.string(),
  leastAccepted: z.number().exactOptional(),
  passes: Passes.exactOptional(),
});
const Count = z.int().min(1);
const Bytes = z.number().min(0);
const Need = z.object({
  ...{ weights: Bytes, adapters: Bytes, cache: Bytes, compute: Bytes },
  adapterSizes: z.object({ all: Bytes, largest: Bytes, copies: Bytes }),
});
const Kept = z.object({
  needs: z.record(z.string(), Need),

  threads: z.object({ token: Count, batch: Count }).exactOptional(),
  mixing: z
    .object({
      used: z.boolean(),
      reason: z.string(),
      speedup: z.number().exactOptional(),
      compared: z.number(),
      wrong: z.number(),
      ties: z.number(),
      noise: z.number(),
      difference: z.number(),
    })
    .exactOptional(),
  speculation: Source.extend({ passes: Passes, draft: Source.exactOptional() }).exactOptional(),
});

/**
 * Reads what earlier servers have measured of a model, and predicted of its memory: it holds for these files as they are, with these options, on this kind of machine and
 * with this release of llama.cpp. Only what has figures is kept: what could not be measured is tried again.
 *
 * @throws CogumiError GGUF_INVALID
 */
export async function keptDecisions(files: ModelFiles, options: LoadOptions): Promise<KeptDecisions> {
  const folder = join(options.cache, 'decisions');
  const path = join(
    folder,
    `${createHash('sha256')
      .update(await identityOf(files, options))
      .digest('hex')}.json`,
  );
  const { needs, ...decisions } = knownOf(await readFile(path, 'utf8').catch(() => 'null'));
  let decided: Decisions = decisions;
  let writing = Promise.resolve();
  const write = () => {
    makeFolder(folder);
    return replaceFile(path, JSON.stringify({ ...decided, needs }));
  };
  const save = () => {
    writing = writing.then(write).catch(() => undefined);
    return writing;
  };
  return {
    decided,
    keep(found) {
      decided = { ...decided, ...withFigures(found) };
      return save();
    },
    async need(sequences, predict) {
      const before = needs[sequences];
      if (before) return before;
      const need = await predict(sequences);
      needs[sequences] = need;
      void save();
      return need;
    },
  };
}

function knownOf(text: string): z.infer<typeof Kept> {
  try {
    return Kept.parse(JSON.parse(text));
  } catch {
    return { needs: {} };
  }
}

function withFigures({ threads, mixing, speculation }: Decisions): Decisions {
  return {
    ...(threads && { threads }),
    ...(mixing?.compared !== undefined && { mixing }),
    ...(speculation?.passes && { speculation }),
  };
}

async function identityOf({ modelPath, adapters, draftPath }: ModelFiles, options: LoadOptions): Promise<string> {
  const stateOf = async (path: string) => {
    const { size, mtimeMs, ino } = await stat(path);
    return [size, mtimeMs, ino];
  };
  const partsOf = async (path: string) => Promise.all((await readModelHeader(path)).parts.map(stateOf));
  const { contextTokens, sequences, threads, kvCache, speculate, adapterMemory } = options;
  return JSON.stringify([
    await partsOf(modelPath),
    await Promise.all(Object.entries(adapters).map(async ([name, path]) => [name, await stateOf(path)])),
    draftPath === undefined ? null : await partsOf(draftPath),
    { contextTokens, sequences, threads, kvCache, speculate, adapterMemory },
    [llamaRelease(), process.arch, cpus()[0]?.model, availableParallelism()],
  ]);
}
