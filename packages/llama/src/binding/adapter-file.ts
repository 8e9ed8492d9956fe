import { type FileHandle, open } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';
import { checkAdapter, type Described, tensorBytes } from '../gguf/check-adapter.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import type { Library } from './library.ts';

/** The file of a LoRA adapter whose header was checked. */
export interface AdapterFile {
  readonly name: string;
  readonly path: string;
  /** Of its tensors, which it takes in memory. */
  readonly bytes: number;
  /** Changes when the file is written or replaced. */
  readonly identity: string;
}

/** Calls of a library at a time: koffi refuses more than 256, and an adapter of 30 layers has 420 tensors. */
const CALLS = 128;

/** Checks a file by its header. @throws CogumiError GGUF_INVALID, ADAPTER_MISMATCH. */
export async function openAdapterFile(name: string, path: string, base: Described): Promise<AdapterFile> {
  const header = await readGgufHeader(path);
  checkAdapter(name, path, header, base);
  const file = await open(path);
  try {
    return { name, path, bytes: tensorBytes(header), identity: await identityOf(file) };
  } finally {
    await file.close();
  }
}

/** Checks, before it is read, that a file is the one of the start. @throws CogumiError ADAPTER_CHANGED; as `readGgufHeader`. */
export async function checkAdapterFile(adapter: AdapterFile): Promise<void> {
  await readGgufHeader(adapter.path);
  const file = await open(adapter.path);
  try {
    await refuseChanged(adapter, file);
  } finally {
    await file.close();
  }
}

/**
 * Reads a file through once, which brings it into the memory of the operating system, so that llama.cpp then loads it without waiting for
 * a disk; and checks all values, as llama.cpp does for models only: one that is not a number would make the model answer token 0 for ever.
 *
 * Between two passes of the model only one step of this goes on, so it has few steps: the file is read whole, and many tensors are checked
 * at once by other threads.
 *
 * @throws CogumiError ADAPTER_CHANGED if it is another file than at the start, whose answers may be in the cache; ADAPTER_VALUES;
 * as `openAdapterFile`.
 */
export async function readAdapterFile(llama: Library, adapter: AdapterFile): Promise<void> {
  const { name, path } = adapter;
  const { tensors, dataOffset } = await readGgufHeader(path);
  const file = await open(path);
  try {
    await refuseChanged(adapter, file);
    const { size } = await file.stat();
    const content = new ArrayBuffer(size);
    try {
      await readWhole(file, new Uint8Array(content));
      const rows = tensors.map(({ offset, bytes }) => new Uint8Array(content, dataOffset + offset, bytes));
      const valid: boolean[] = [];
      for (let from = 0; from < tensors.length; from += CALLS) {
        const some = tensors.slice(from, from + CALLS);
        const checked = some.map(({ type, bytes }, at) => llama.validRows(type, rows[from + at] as Uint8Array, bytes));
        valid.push(...(await Promise.all(checked)));
      }
      const wrong = tensors[valid.indexOf(false)];
      if (wrong) {
        throw new CogumiError(
          'ADAPTER_VALUES',
          `Adapter "${name}" (${path}) has values in "${wrong.name}" that are infinite or not numbers.`,
          'Export it again; values above 65,504 need float32 or bfloat16.',
        );
      }
    } finally {
      // Frees it now: llama.cpp is about to take as much.
      content.transfer(0);
    }
  } finally {
    await file.close();
  }
}

async function readWhole(file: FileHandle, to: Uint8Array): Promise<void> {
  for (let at = 0; at < to.length; ) {
    const { bytesRead } = await file.read(to, at, to.length - at, at);
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was read');
    at += bytesRead;
  }
}

/** Answers of the file before may be in the cache. */
async function refuseChanged({ name, path, identity }: AdapterFile, file: FileHandle): Promise<void> {
  if ((await identityOf(file)) === identity) return;
  throw new CogumiError(
    'ADAPTER_CHANGED',
    `The file of adapter "${name}" (${path}) is another one than when the model was loaded.`,
    'Load the model again: send SIGHUP to the server, or restart it.',
  );
}

async function identityOf(file: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeNs } = await file.stat({ bigint: true });
  return [dev, ino, size, mtimeNs].join(' ');
}
