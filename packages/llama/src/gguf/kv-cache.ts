import { CogumiError, EXIT } from '@cogumi/contracts';
import type { GgufHeader, MetadataValue } from './gguf-header.ts';
import { TENSOR_TYPES } from './gguf-tensor-types.ts';

/** ggml's ids of the types that a KV cache can have. */
export const KV_CACHE_IDS = { f16: 1, q8_0: 8, q4_0: 2 } as const;
export type KvCacheType = keyof typeof KV_CACHE_IDS;
/** As llama-server's `--cache-type-k` names them. Keys and values have the same type. */
export const KV_CACHE_TYPES = Object.keys(KV_CACHE_IDS) as KvCacheType[];

/** llama.cpp allocates the KV cache of a sequence in blocks of 256 cells. */
const CONTEXT_BLOCK = 256;

/** Tokens that a sequence really gets when it is asked for so many. */
export function wholeBlocks(tokens: number): number {
  return Math.ceil(tokens / CONTEXT_BLOCK) * CONTEXT_BLOCK;
}

/** Values of one head in the cache. */
interface HeadSizes {
  readonly keys: number;
  readonly values: number;
}

/**
 * Refuses a quantized cache where a head is no whole number of blocks: ggml stores 32 values with one scale.
 *
 * @throws CogumiError KV_CACHE_TYPE
 */
export function checkKvCache(path: string, header: Pick<GgufHeader, 'metadata'>, type: KvCacheType): void {
  const [block] = TENSOR_TYPES[KV_CACHE_IDS[type]] as readonly [number, number];
  for (const [part, size] of Object.entries(headSizes(header))) {
    if (size % block === 0) continue;
    throw new CogumiError(
      'KV_CACHE_TYPE',
      `A KV cache of ${type} is not possible for ${path}: its heads have ${size} ${part} each, and ${type} stores blocks of ${block}.`,
      'Leave the type of the KV cache at f16.',
      { exitCode: EXIT.usage },
    );
  }
}

/** Sizes as llama.cpp derives them where the file does not say. */
function headSizes({ metadata }: Pick<GgufHeader, 'metadata'>): HeadSizes {
  const architecture = metadata.get('general.architecture');
  const read = (key: string) => metadata.get(`${architecture}.${key}`);
  const heads = largest(read('attention.head_count'));
  const usual = heads === 0 ? 0 : Math.floor(largest(read('embedding_length')) / heads);
  return {
    keys: largest(read('attention.key_length')) || usual,
    values: largest(read('attention.value_length')) || usual,
  };
}

/** A number, or the largest where there is one per layer; 0: there is none. */
function largest(value: MetadataValue | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'object' ? Math.max(0, ...(value.numbers ?? [])) : 0;
}
