import { CogumiError } from '@cogumi/contracts';
import type { GgufHeader, GgufTensor } from './gguf-header.ts';

const MATRIX = /^(.*)\.lora_([ab])$/;
/** llama.cpp leaves such vectors of an adapter out. */
const IGNORED = /_norm\.weight$/;
/** Its two matrices stand the other way round: rows of it are looked up. */
const EMBEDDINGS = 'token_embd.weight';

/** What is read of a header. */
export type Described = Pick<GgufHeader, 'metadata' | 'tensors'>;

/** Matrices of one weight. */
interface Pair {
  a?: GgufTensor;
  b?: GgufTensor;
}

/**
 * Checks by the headers alone that a LoRA adapter fits a model, so that one that is loaded later is refused at the start.
 *
 * @param path - Of the adapter, for messages.
 * @throws CogumiError ADAPTER_MISMATCH
 */
export function checkAdapter(name: string, path: string, adapter: Described, base: Described): void {
  const { metadata } = adapter;
  const type = metadata.get('general.type') ?? 'model';
  if (type !== 'adapter') throw adapterMismatch(name, path, `its general.type is "${type}" instead of "adapter"`);
  const [trainedFor, architecture] = [adapter, base].map((header) => header.metadata.get('general.architecture'));
  if (trainedFor !== architecture) {
    throw adapterMismatch(name, path, `its architecture is "${trainedFor}", that of the model is "${architecture}"`);
  }
  const weights = new Map(base.tensors.map((tensor) => [tensor.name, tensor] as const));
  for (const [weight, pair] of pairsOf(name, path, adapter)) {
    const problem = problemOf(weight, pair, weights.get(weight));
    if (problem !== null) throw adapterMismatch(name, path, problem);
  }
}

/** Bytes of a file's tensors. */
export function tensorBytes({ tensors }: Pick<GgufHeader, 'tensors'>): number {
  return tensors.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function adapterMismatch(name: string, path: string, why: string): CogumiError {
  return new CogumiError(
    'ADAPTER_MISMATCH',
    `Adapter "${name}" (${path}) does not fit this model: ${why}.`,
    'Use the base that the adapter was trained on.',
  );
}

function pairsOf(name: string, path: string, { tensors }: Described): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const tensor of tensors) {
    if (IGNORED.test(tensor.name)) continue;
    const match = MATRIX.exec(tensor.name);
    if (!match) throw adapterMismatch(name, path, `its tensor "${tensor.name}" is no matrix of a LoRA`);
    const [, weight, part] = match as unknown as [string, string, 'a' | 'b'];
    pairs.set(weight, { ...pairs.get(weight), [part]: tensor });
  }
  return pairs;
}

/** As llama.cpp judges it; null: it fits. */
function problemOf(weight: string, { a, b }: Pair, base: GgufTensor | undefined): string | null {
  if (!a || !b) return `it has only one matrix for "${weight}"`;
  if (!base) return `it changes "${weight}", which the model does not have`;
  const isEmbeddings = weight.endsWith(EMBEDDINGS);
  const [input, output] = isEmbeddings ? [b.shape[1], a.shape[1]] : [a.shape[0], b.shape[1]];
  const fits = input === base.shape[0] && output === (base.shape[1] ?? 1);
  if (fits && (isEmbeddings || a.shape[1] === b.shape[0])) return null;
  const shapes = [a, b].map(({ shape }) => `[${shape.join(', ')}]`).join(' and ');
  return `its matrices for "${weight}" have an incorrect shape: ${shapes}, where the model has [${base.shape.join(', ')}]`;
}
