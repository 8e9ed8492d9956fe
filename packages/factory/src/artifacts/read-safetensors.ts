import { readFile } from 'node:fs/promises';

/**
 * Reads a safetensors file whose tensors are all F32: by name, as flat row-major arrays.
 *
 * @throws RangeError for a tensor of another type.
 * @see https://github.com/huggingface/safetensors (format)
 */
export async function readF32Tensors(path: string): Promise<Map<string, { shape: number[]; values: Float32Array }>> {
  const file = await readFile(path);
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, { shape: number[]; values: Float32Array }>();
  for (const [name, tensor] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (tensor.dtype !== 'F32') throw new RangeError(`${name} is ${tensor.dtype}, not F32`);
    const [from, to] = tensor.data_offsets;
    // Copied, because the data may start at an offset that is no multiple of four.
    const bytes = new Uint8Array(file.subarray(8 + headerBytes + from, 8 + headerBytes + to));
    tensors.set(name, { shape: tensor.shape, values: new Float32Array(bytes.buffer) });
  }
  return tensors;
}
