import { readFile } from 'node:fs/promises';
import { countValues, readSafetensorsHeader, type TensorHeader } from './safetensors-header.ts';

/**
 * Reads a safetensors file whose tensors are all F32: by name, as flat row-major arrays.
 *
 * @throws RangeError for a tensor of another type; CogumiError as `readSafetensorsHeader`.
 */
export async function readF32Tensors(
  path: string,
): Promise<Map<string, { shape: readonly number[]; values: Float32Array }>> {
  const [headers, file] = [await readSafetensorsHeader(path), await readFile(path)];
  return new Map(
    headers.map((tensor) => [
      tensor.name,
      { shape: tensor.shape, values: tensorValues(file, tensor, 'F32', Float32Array) },
    ]),
  );
}

/** The values of a tensor, copied, since a file may have them at any place. @throws RangeError for another type, and for no tensor. */
export function tensorValues<Values>(
  file: Buffer,
  tensor: TensorHeader | undefined,
  dtype: string,
  type: { new (bytes: ArrayBuffer): Values; readonly BYTES_PER_ELEMENT: number },
): Values {
  if (tensor?.dtype !== dtype) {
    throw new RangeError(`${tensor?.name ?? 'a tensor'} is ${tensor?.dtype ?? 'missing'}, not ${dtype}`);
  }
  const bytes = countValues(tensor) * type.BYTES_PER_ELEMENT;
  return new type(new Uint8Array(file.subarray(tensor.start, tensor.start + bytes)).buffer);
}
