import type { RouterWeights } from '@cogumi/contracts';
import { type ModelHost, openModel } from '@cogumi/llama';
import { freeMemory } from '@cogumi/pure';
import type { RuntimeOptions } from '../runtime.ts';
import { admitKvCache, type KvCacheChoice } from './admit-kv-cache.ts';
import { type Fit, fitSequences } from './fit-sequences.ts';
import { keptDecisions } from './kept-decisions.ts';

/** What a server measures, so that it is as fast as this machine: the first time that it has nothing to do. */
const MEASURED = { threads: 'measured', mixing: 'measured', measure: 'idle' } as const;

export interface ModelFiles {
  readonly modelPath: string;
  readonly adapters: Readonly<Record<string, string>>;
  readonly draftPath?: string | undefined;
  readonly router?: RouterWeights | null;
}

/** What was decided before a model was loaded. */
export interface LoadReport extends Fit {
  readonly kvCache: KvCacheChoice;
}

export interface LoadedModel {
  readonly host: ModelHost;
  readonly report: LoadReport;
}

/** Options of a runtime that are settled by now. */
export type LoadOptions = Pick<RuntimeOptions, 'sequences' | 'adapterMemory' | 'threads' | 'kvCache' | 'speculate'> & {
  readonly contextTokens: number;
  readonly cache: string;
  /** Something was measured while nothing was asked. */
  readonly onDecided?: (() => void) | undefined;
};

/** Loads a model as a server does. @throws MemoryTooSmallError; as `admitKvCache`, `openModel`; the signal's reason. */
export async function loadModel(files: ModelFiles, options: LoadOptions, signal: AbortSignal): Promise<LoadedModel> {
  const { cache, kvCache: wanted = 'f16', threads, contextTokens, speculate = 'auto' } = options;
  const kvCache = await admitKvCache(files.modelPath, wanted, cache, { signal, ...(threads ? { threads } : {}) });
  const kept = await keptDecisions(files, options);
  let fit: Fit | null = null;
  const { draftPath, router, ...own } = files;
  const host = await openModel({
    ...own,
    ...(draftPath === undefined ? {} : { draftPath }),
    ...(router ? { router } : {}),
    contextTokens,
    kvCache: kvCache.type,
    ...MEASURED,
    speculate,
    decided: kept.decided,
    onDecided: (decided, lasting) => {
      if (lasting) void kept.keep(decided);
      options.onDecided?.();
    },
    ...(threads === undefined ? {} : { threads }),
    fit: async (needOf) => {
      fit = await fitSequences(options, (sequences) => kept.need(sequences, needOf), await freeMemory());
      return { sequences: fit.sequences, adapterMemory: fit.adapterMemory };
    },
    signal,
  });
  return { host, report: { kvCache, ...(fit as unknown as Fit) } };
}
