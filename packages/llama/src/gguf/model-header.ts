import { stat } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';
import { fileState } from '@cogumi/pure';
import { type GgufHeader, readGgufHeader } from './gguf-header.ts';

/** How `llama-gguf-split` names the files of one model. */
const PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;

/** Header of a model that lies in one file or in several: metadata of the first, tensors of all. */
export interface ModelHeader extends Omit<GgufHeader, 'dataOffset'> {
  /** Paths in order. */
  readonly parts: readonly string[];
}

/** Headers that were read, by path: a vocabulary takes some hundredths of a second, and a model is opened by several hands. */
const known = new Map<string, { readonly states: string; readonly header: ModelHeader }>();
/** Most headers that are kept (chosen): each takes some kilobytes. */
const MOST_KNOWN = 8;
/** A file that was written later may be written again without a change of its times: the coarsest clocks of file systems tick so often. */
const SETTLED_MS = 2000;

/**
 * Reads and checks the headers of all files of a model, so that llama.cpp never opens an unchecked one. The header of files that are as they
 * were is not read again.
 *
 * @param path - Of the file, or of the first of several (`…-00001-of-00003.gguf`).
 * @throws CogumiError GGUF_INVALID with the part that is missing or of another model; as `readGgufHeader`.
 */
export async function readModelHeader(path: string): Promise<ModelHeader> {
  const before = known.get(path);
  if (before && (await settledStates(before.header.parts, Date.now())) === before.states) return before.header;
  known.delete(path);
  const began = Date.now();
  const header = await readHeaders(path);
  const states = await settledStates(header.parts, began);
  if (states === null) return header;
  known.set(path, { states, header });
  const [oldest] = known.keys();
  if (known.size > MOST_KNOWN) known.delete(oldest as string);
  return header;
}

/** What changes when one of the files is written or replaced; null if one was a short while before. */
async function settledStates(paths: readonly string[], now: number): Promise<string | null> {
  const states = await Promise.all(paths.map((path) => stat(path, { bigint: true }).catch(() => null)));
  const settled = states.every((state) => state !== null && Number(state.ctimeMs) < now - SETTLED_MS);
  if (!settled) return null;
  return states.map((state) => state && fileState(state)).join();
}

/** As `readModelHeader`, from the files. */
async function readHeaders(path: string): Promise<ModelHeader> {
  const { dataOffset: _, ...first } = await readGgufHeader(path);
  const count = Number(first.metadata.get('split.count') ?? 1);
  if (count <= 1) return { ...first, parts: [path] };
  const refuse = (problem: string, hint: string) =>
    new CogumiError('GGUF_INVALID', `${path} is one of ${count} files of a model: ${problem}.`, hint);
  const [, prefix, , total] = PART.exec(path) ?? [];
  if (prefix === undefined || Number(total) !== count) {
    const example = `model-00001-of-${numbered(count)}.gguf`;
    throw refuse('its name does not say which', `Give all of them the names that they had, such as ${example}.`);
  }
  const parts = Array.from({ length: count }, (_, at) => `${prefix}-${numbered(at + 1)}-of-${total}.gguf`);
  if (parts[0] !== path) throw refuse('it is not the first', `Name the first: ${parts[0]}`);
  const headers: GgufHeader[] = [];
  for (const [at, part] of parts.entries()) {
    const header = await readGgufHeader(part).catch((error: CogumiError) => {
      const missing = (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
      throw missing ? refuse(`${part} is missing`, 'Put all of them into one folder.') : error;
    });
    const [number, of] = ['split.no', 'split.count'].map((key) => Number(header.metadata.get(key)));
    if (number !== at || of !== count) {
      throw refuse(`${part} says that it is number ${Number(number) + 1} of ${of}`, 'Download the files again.');
    }
    headers.push(header);
  }
  const tensors = headers.flatMap((header) => header.tensors);
  const wanted = Number(first.metadata.get('split.tensors.count') ?? tensors.length);
  if (tensors.length !== wanted || new Set(tensors.map(({ name }) => name)).size !== wanted) {
    throw refuse(`they have ${tensors.length} tensors, ${wanted} are expected`, 'Download the files again.');
  }
  const fileBytes = headers.reduce((sum, header) => sum + header.fileBytes, 0);
  return { ...first, tensors, fileBytes, parts };
}

function numbered(value: number): string {
  return String(value).padStart(5, '0');
}
