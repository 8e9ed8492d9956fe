import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countAgreement, klDivergences, simultaneousQuantile } from '@cogumi/pure';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { checkKvCache, type KvCacheType } from '../gguf/kv-cache.ts';
import type { OpenModelOptions } from '../types/model.ts';
import { KV_CACHE_TEXTS } from './kv-cache-texts.ts';
import { type ModelHost, openModel } from './model-host.ts';
import { quantize } from './quantize.ts';

/** How close predictions are to those of the model as it is, with a cache of f16. */
export interface Closeness {
  /** Share of positions with the same most likely token. */
  readonly top1: number;
  /** Mean Kullback-Leibler divergence in nats. */
  readonly divergence: number;
}

export interface KvCacheMeasurement {
  readonly type: KvCacheType;
  /** Positions that were compared. */
  readonly positions: number;
  readonly cache: Closeness;
  /** The same model with an f16 cache and its weights rounded to 8 bits. */
  readonly rounding: Closeness;
  /** True: the cache is not measurably farther from the model than rounding its weights to 8 bits is. */
  readonly admitted: boolean;
}

/** Positions before the first that is compared, as a share: predictions from a short cache say little (chosen). */
const UNCOMPARED = 1 / 3;
/** Tokens of the texts that are read, at most (chosen: SmolLM2 reads them in a second). */
const MOST_TOKENS = 1024;
/** Logits that are compared at a time; of the largest vocabulary (262,144 tokens) 128 positions fit (chosen). */
const MOST_LOGITS_BYTES = 128 * 2 ** 20;

type Source = Required<Pick<OpenModelOptions, 'modelPath' | 'threads'>> & Pick<OpenModelOptions, 'signal'>;

/**
 * Measures what a quantized KV cache costs a model, on fixed texts. The measure is the model's own: its predictions with weights rounded to
 * 8 bits, which the field calls lossless. A cache that is not measurably farther away is admitted. Nothing is tuned to a model.
 *
 * @param options - `folder`: where the rounded model is written, at about one byte a parameter, and removed again.
 * @throws CogumiError KV_CACHE_TYPE, QUANTIZE; as `openModel`, `quantize`.
 */
export async function measureKvCache(
  source: Source,
  type: Exclude<KvCacheType, 'f16'>,
  { folder = tmpdir() }: { folder?: string } = {},
): Promise<KvCacheMeasurement> {
  checkKvCache(source.modelPath, await readGgufHeader(source.modelPath), type);
  const temporary = await mkdtemp(join(folder, 'kv-cache-'));
  const rounded = join(temporary, 'rounded.gguf');
  const truth = await openModel({ ...source, sequences: 1, contextTokens: MOST_TOKENS });
  try {
    const tokens = await textTokens(truth);
    const from = firstCompared(tokens.length, truth.info.vocabularySize);
    const expected = await truth.logits(tokens, { from });
    const compare = async (options: OpenModelOptions): Promise<{ closeness: Closeness; divergences: Float64Array }> => {
      const host = await openModel({ ...options, sequences: 1, contextTokens: truth.info.contextTokens });
      try {
        const found = await host.logits(tokens, { from });
        const size = truth.info.vocabularySize;
        const divergences = klDivergences(expected, found, size);
        const top1 = countAgreement(expected, found, size) / divergences.length;
        return { closeness: { top1, divergence: mean(divergences) }, divergences };
      } finally {
        await host.close();
      }
    };
    const cache = await compare({ ...source, kvCache: type });
    await quantize({
      input: source.modelPath,
      output: rounded,
      type: 'Q8_0',
      threads: truth.info.threads.batch,
      again: true,
    });
    const rounding = await compare({ ...source, modelPath: rounded });
    return {
      type,
      positions: cache.divergences.length,
      cache: cache.closeness,
      rounding: rounding.closeness,
      admitted: !isMeasurablyMore(cache.divergences, rounding.divergences),
    };
  } finally {
    await truth.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

function firstCompared(tokens: number, vocabularySize: number): number {
  const most = Math.floor(MOST_LOGITS_BYTES / (vocabularySize * Float32Array.BYTES_PER_ELEMENT));
  return Math.max(Math.floor(tokens * UNCOMPARED), tokens - most);
}

async function textTokens(host: ModelHost): Promise<number[]> {
  const text = KV_CACHE_TEXTS.join('');
  return (await host.tokenize(text, { addBos: host.info.addsBos })).slice(0, host.info.contextTokens);
}

/** Whether the mean of the differences is above 0 with its whole 95% interval. */
export function isMeasurablyMore(left: Float64Array, right: Float64Array): boolean {
  const differences = left.map((value, at) => value - (right[at] as number));
  const middle = mean(differences);
  const variance = differences.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (differences.length - 1);
  return middle - simultaneousQuantile(1) * Math.sqrt(variance / differences.length) > 0;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
