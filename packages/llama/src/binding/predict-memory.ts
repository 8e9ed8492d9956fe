import { CogumiError } from '@cogumi/contracts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import type { MemoryNeed } from '../types.ts';
import { LOAD_NOTHING, loadLibrary, type Pointer } from './library.ts';
import { contextOf, type LoadOptions, outputsOf } from './model.ts';

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
  const weights = await tensorBytes(options.modelPath);
  let adapters = 0;
  const paths = Object.values(options.adapters ?? {});
  for (const path of paths) adapters += await tensorBytes(path);
  // Mixed passes stack copies of them; a single one needs no stack.
  if (options.mixing && paths.length > 1) adapters *= 2;
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
  return { weights, adapters, cache: sumOf(lines, CACHE), compute: sumOf(lines, COMPUTE) + results };
}

async function tensorBytes(path: string): Promise<number> {
  const { tensors } = await readGgufHeader(path);
  return tensors.reduce((sum, { bytes }) => sum + bytes, 0);
}

function sumOf(lines: readonly string[], pattern: RegExp): number {
  return lines.reduce((sum, line) => sum + Number(pattern.exec(line)?.[1] ?? 0) * 2 ** 20, 0);
}
