import { rename, rm } from 'node:fs/promises';
import type { QuantizeOptions } from '../binding/quantize-here.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { startProcess } from './process.ts';

/**
 * Writes a smaller copy of a GGUF model; equal inputs give equal bytes, whatever the number of threads.
 *
 * @throws CogumiError GGUF_INVALID, QUANTIZE. The output exists only when it is whole.
 */
export async function quantize(options: QuantizeOptions): Promise<void> {
  await readGgufHeader(options.input);
  const temporary = `${options.output}.${process.pid}.tmp`;
  const child = startProcess();
  try {
    await child.ask({ kind: 'quantize', options: { ...options, output: temporary } });
    await rename(temporary, options.output);
  } finally {
    await child.close();
    await rm(temporary, { force: true });
  }
}
