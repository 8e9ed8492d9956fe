import { CogumiError } from '@cogumi/contracts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import type { Library, Pointer } from './library.ts';

/** Loads a LoRA for a model. @throws CogumiError GGUF_INVALID; ADAPTER_MISMATCH when it was made for another base. */
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
      'Use the base the adapter was trained on.',
    );
  const type = metadata.get('general.type') ?? 'model';
  if (type !== 'adapter') throw mismatch(`its general.type is "${type}" instead of "adapter"`);
  const theirs = metadata.get('general.architecture');
  if (theirs !== architecture) throw mismatch(`it is for a "${theirs}", this is a "${architecture}"`);
  const adapter = llama.loadAdapter(model, path) as Pointer;
  if (!adapter) throw mismatch(llama.complaints());
  return adapter;
}
