import { rename, rm } from 'node:fs/promises';
import type { QuantizeOptions } from '../binding/quantize-in-process.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { startProcess } from './start-process.ts';

/**
 * Writes a quantized copy of a GGUF model in a child process. Equal inputs give equal bytes for any number of threads. The
 * output appears only when it is complete.
 *
 * @throws CogumiError GGUF_INVALID, QUANTIZE; ModelDiedError if llama.cpp crashes.
 */
export async function quantize(options: QuantizeOptions): Promise<void> {
  await readGgufHeader(options.input);
  const temporary = `${options.output}.${process.pid}.tmp`;
  const child = startProcess();
  try {
    await child.call({ kind: 'quantize', options: { ...options, output: temporary } });
    await rename(temporary, options.output);
  } finally {
    await child.close();
    await rm(temporary, { force: true });
  }
}
