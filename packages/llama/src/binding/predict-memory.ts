import { CogumiError } from '@cogumi/contracts';
import { tensorBytes } from '../gguf/check-adapter.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { readModelHeader } from '../gguf/model-header.ts';
import type { AdapterSizes, MemoryNeed } from '../types/model.ts';
import { contextOf, outputsOf } from './context.ts';
import { LOAD_NOTHING, loadLibrary, type Pointer } from './library.ts';
import type { LoadOptions } from './model.ts';

/** Lines of llama.cpp's log, in MiB: caches of keys and values, and of recurrent layers. */
const CACHE = /size = +([\d.]+) MiB \(.*(?:cells|layers)/;
/** Buffers of a pass; those of its results grow with what is asked, up to a limit. */
const COMPUTE = /compute buffer size = +([\d.]+) MiB/;

const FLOAT_BYTES = 4;

/**
 * What a model will take in memory, before its weights are read. llama.cpp plans the context without allocating it and logs each
 * buffer's size, so caches of every architecture are counted as it makes them. Takes as long as reading the vocabulary.
 *
 * @throws CogumiError GGUF_INVALID, MODEL_LOAD, CONTEXT_TOO_LARGE.
 */
export async function predictMemory(options: LoadOptions): Promise<MemoryNeed> {
  const weights = tensorBytes(await readModelHeader(options.modelPath));
  const adapterSizes = await adapterSizesOf(options);
  const { all, copies } = adapterSizes;
  const llama = loadLibrary();
  let results = 0;
  const lines = llama.logOf(() => {
    const model = llama.loadModel(options.modelPath, {
      ...llama.modelDefaults(),
      n_gpu_layers: 0,
      no_alloc: true,
      load_mode: LOAD_NOTHING,
    }) as Pointer;
    if (!model) {
      throw new CogumiError(
        'MODEL_LOAD',
        `llama.cpp cannot load ${options.modelPath}: ${llama.takeErrors()}.`,
        'Export the model again.',
      );
    }
    try {
      llama.freeContext(contextOf(llama, model, options, null));
      const vocabularySize = llama.vocabularySize(llama.vocabulary(model)) as number;
      results = outputsOf(options) * (vocabularySize + (llama.hiddenSize(model) as number)) * FLOAT_BYTES;
    } finally {
      llama.freeModel(model);
    }
  });
  const adapters = copies * Math.min(all, options.adapterMemory ?? all);
  return { weights, adapters, adapterSizes, cache: sumOf(lines, CACHE), compute: sumOf(lines, COMPUTE) + results };
}

async function adapterSizesOf({ adapters = {}, mixing }: LoadOptions): Promise<AdapterSizes> {
  let [all, largest, count] = [0, 0, 0];
  for (const path of Object.values(adapters)) {
    const bytes = tensorBytes(await readGgufHeader(path));
    all += bytes;
    largest = Math.max(largest, bytes);
    count++;
  }
  // A single one needs no stack.
  return { all, largest, copies: mixing && count > 1 ? 2 : 1 };
}

function sumOf(lines: readonly string[], pattern: RegExp): number {
  return lines.reduce((sum, line) => sum + Number(pattern.exec(line)?.[1] ?? 0) * 2 ** 20, 0);
}
