import { appendFile, rename, rm } from 'node:fs/promises';
import type { QuantizeOptions } from '../binding/quantize-in-process.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { startProcess } from './start-process.ts';

/**
 * Writes a quantized copy of a GGUF model in a child process. Equal inputs give equal bytes for any number of threads. The
 * output appears only when it is complete.
 *
 * @throws CogumiError GGUF_INVALID, QUANTIZE; ModelDiedError if llama.cpp crashes; the error ENOSPC if the disk is full.
 */
export async function quantize(options: QuantizeOptions): Promise<void> {
  await readGgufHeader(options.input);
  const temporary = `${options.output}.${process.pid}.tmp`;
  const child = startProcess();
  try {
    await child.call({ kind: 'quantize', options: { ...options, output: temporary } });
    await rename(temporary, options.output);
  } catch (error) {
    await throwIfDiskFull(temporary);
    throw error;
  } finally {
    await child.close();
    await rm(temporary, { force: true });
  }
}

/** llama.cpp names no reason when a write fails. Whether the disk is full shows when more is written to the same file. */
async function throwIfDiskFull(path: string): Promise<void> {
  await appendFile(path, Buffer.alloc(2 ** 20)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') throw cause;
  });
}
