import { readGgufHeader } from '@cogumi/llama';
import { listBlobs } from '@cogumi/runtime/bundle';
import type { ModelSize } from '../../artifacts/model-size.ts';
import { countValues } from '../../artifacts/safetensors-header.ts';

/**
 * Size of a model in a GGUF file, from its header; no tensor is read.
 *
 * @param part - Where the file lies inside another one, such as a bundle.
 * @returns null for a file that is no readable model: the stage that takes it in says what is wrong with it.
 */
export async function readGgufSize(
  path: string,
  part?: { readonly offset: number; readonly size: number },
): Promise<ModelSize | null> {
  const header = await readGgufHeader(path, part).catch(() => null);
  const embedding = header?.tensors.find(({ name }) => name === 'token_embd.weight');
  if (!header || !embedding || embedding.shape.length !== 2) return null;
  const inLayers = header.tensors.filter(({ name, shape }) => name.startsWith('blk.') && shape.length === 2);
  const parameters = header.tensors.reduce((sum, tensor) => sum + countValues(tensor), 0);
  const bytes = header.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const keys = inLayers.find(({ name }) => name.endsWith('.attn_k.weight'));
  // GGUF has the shortest stride first: [in, out].
  const [hiddenSize, vocabularySize] = embedding.shape as [number, number];
  return {
    parameters,
    layers: new Set(inLayers.map(({ name }) => name.split('.')[1])).size,
    hiddenSize,
    vocabularySize,
    linearSpan: inLayers.reduce((sum, { shape }) => sum + shape[0]! + shape[1]!, 0),
    // Models that keep queries, keys and values in one matrix have no `attn_k`; none has wider keys than its hidden state.
    keyWidth: keys?.shape[1] ?? hiddenSize,
    bits: (8 * bytes) / parameters,
  };
}

/** Size of the base in a bundle: of the largest part that is a whole model. @returns null where it cannot be read. */
export async function readBundleSize(path: string): Promise<ModelSize | null> {
  for (const blob of await listBlobs(path).catch(() => [])) {
    const size = await readGgufSize(path, blob);
    if (size) return size;
  }
  return null;
}
