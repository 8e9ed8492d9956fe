import { CogumiError } from '@cogumi/contracts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import type { Library, Pointer } from './library.ts';

/** Loads a LoRA adapter for a model. @throws CogumiError GGUF_INVALID; ADAPTER_MISMATCH if it was trained on another base. */
export async function loadAdapter(
  llama: Library,
  model: Pointer,
  architecture: string,
  name: string,
  path: string,
): Promise<Pointer> {
  const { metadata } = await readGgufHeader(path);
  const mismatch = (why: string) =>
    new CogumiError(
      'ADAPTER_MISMATCH',
      `Adapter "${name}" (${path}) does not fit this model: ${why}.`,
      'Use the base that the adapter was trained on.',
    );
  const type = metadata.get('general.type') ?? 'model';
  if (type !== 'adapter') throw mismatch(`its general.type is "${type}" instead of "adapter"`);
  const trainedFor = metadata.get('general.architecture');
  if (trainedFor !== architecture) {
    throw mismatch(`its architecture is "${trainedFor}", that of the model is "${architecture}"`);
  }
  const adapter = llama.loadAdapter(model, path) as Pointer;
  if (!adapter) throw mismatch(llama.takeErrors());
  return adapter;
}
