import { open, stat } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';

/** A header names each tensor in about 100 bytes; 100 MB is what the safetensors library itself allows. */
const LARGEST_HEADER_BYTES = 100_000_000;

/** A tensor of a safetensors file, without its values. */
export interface TensorHeader {
  readonly name: string;
  /** `F32`, `BF16`, … */
  readonly dtype: string;
  readonly shape: readonly number[];
}

/**
 * Reads what a safetensors file holds from its header. No tensor is read.
 *
 * @throws CogumiError MODEL_CORRUPT when the header is not one, or promises another size than the file has (both byte counts).
 * @see https://github.com/huggingface/safetensors (format)
 */
export async function readSafetensorsHeader(path: string): Promise<TensorHeader[]> {
  const corrupt = (what: string) => new CogumiError('MODEL_CORRUPT', `${path} ${what}.`, 'Fetch the file again.');
  const { size } = await stat(path);
  const handle = await open(path, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const headerBytes = Number(buffer.readBigUInt64LE(0));
    if (size < 8 || headerBytes > Math.min(LARGEST_HEADER_BYTES, size - 8)) {
      throw corrupt(`promises a header of ${headerBytes} bytes in a file of ${size}`);
    }
    const text = (await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 8)).buffer.toString('utf8');
    let header: Record<string, { dtype?: unknown; shape?: unknown; data_offsets?: unknown }>;
    try {
      header = JSON.parse(text) as typeof header;
    } catch {
      throw corrupt('has a header that is not JSON');
    }
    if (
      header === null ||
      typeof header !== 'object' ||
      Object.values(header).some((entry) => !entry || typeof entry !== 'object')
    )
      throw corrupt('has a header that is not a table of tensors');
    const counts = (values: readonly unknown[]) =>
      values.every((value) => Number.isSafeInteger(value) && Number(value) >= 0);
    let end = 0;
    const tensors: TensorHeader[] = [];
    for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      if (!Array.isArray(offsets) || !Array.isArray(shape) || !counts(offsets) || !counts(shape))
        throw corrupt(`describes tensor ${name.slice(0, 80)} without shape or offsets`);
      end = Math.max(end, Number(offsets[1]));
      tensors.push({ name, dtype: String(dtype), shape: shape.map(Number) });
    }
    if (8 + headerBytes + end !== size) {
      throw corrupt(`has ${size} bytes; its header promises ${8 + headerBytes + end}`);
    }
    return tensors;
  } finally {
    await handle.close();
  }
}

/** Number of values in a tensor. */
export function countValues({ shape }: TensorHeader): number {
  return shape.reduce((product, length) => product * length, 1);
}
