import { type FileHandle, open } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';
import { countValues, readSafetensorsHeader, type TensorHeader } from '../../../artifacts/safetensors-header.ts';

/** Read at once. */
const CHUNK_BYTES = 2 ** 22;

/** Of a type's infinities and NaN: the bits of the exponent are all ones. Little-endian, as safetensors files are. */
interface Format {
  readonly bytes: number;
  /** Of the last two bytes of a value, which have the exponent. */
  readonly exponent: number;
}

const FORMATS: Readonly<Record<string, Format>> = {
  BF16: { bytes: 2, exponent: 0x7f80 },
  F16: { bytes: 2, exponent: 0x7c00 },
  F32: { bytes: 4, exponent: 0x7f80 },
  F64: { bytes: 8, exponent: 0x7ff0 },
};

/**
 * Reads every weight of a safetensors file: one that is no number makes every answer none, and one in a row that no test
 * touches is found by nobody.
 *
 * @throws CogumiError NOT_FINITE with tensor and place.
 */
export async function refuseNotFinite(path: string, signal: AbortSignal): Promise<void> {
  const tensors = await readSafetensorsHeader(path);
  const file = await open(path);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  try {
    for (const tensor of tensors) {
      signal.throwIfAborted();
      const place = await findNotFinite(file, tensor, chunk);
      if (place === null) continue;
      throw new CogumiError(
        'NOT_FINITE',
        `${path}: value ${place} of ${countValues(tensor)} in tensor ${tensor.name.slice(0, 80)} is not a finite number.`,
        'Fetch the model again; if its maker’s file is the same, its training broke, and another model is needed.',
      );
    }
  } finally {
    await file.close();
  }
}

/** @returns Place of the first value, from 0; null: all are finite, or the type has none that is not. */
async function findNotFinite(file: FileHandle, tensor: TensorHeader, chunk: Buffer): Promise<number | null> {
  const format = FORMATS[tensor.dtype];
  if (!format) return null;
  const { bytes, exponent } = format;
  const end = tensor.start + countValues(tensor) * bytes;
  for (let at = tensor.start; at < end; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, end - at), at);
    const whole = bytesRead - (bytesRead % bytes);
    // Only a file that shrinks meanwhile; what is copied is checked against its header later.
    if (whole === 0) return null;
    const found = bytes === 2 ? findHalf(chunk, whole, exponent) : findWide(chunk, whole, bytes, exponent);
    if (found !== null) return (at - tensor.start) / bytes + found;
    at += whole;
  }
  return null;
}

/** Two values of 16 bits at once, as most weights are. @returns Place of the first one in the chunk. */
function findHalf(chunk: Buffer, length: number, exponent: number): number | null {
  const values = new Uint16Array(chunk.buffer, chunk.byteOffset, length / 2);
  const pairs = new Uint32Array(chunk.buffer, chunk.byteOffset, length >> 2);
  const both = exponent * 0x10001;
  for (let at = 0; at < pairs.length; at++) {
    // A half is zero exactly where its exponent is all ones; a zero half borrows into its highest bit.
    const rest = (pairs[at]! & both) ^ both;
    if (((rest - 0x10001) & ~rest & 0x80008000) !== 0) return findOne(values, 2 * at, exponent);
  }
  return findOne(values, 2 * pairs.length, exponent);
}

function findOne(values: Uint16Array, from: number, exponent: number): number | null {
  for (let at = from; at < values.length; at++) if ((values[at]! & exponent) === exponent) return at;
  return null;
}

function findWide(chunk: Buffer, length: number, bytes: number, exponent: number): number | null {
  const halves = new Uint16Array(chunk.buffer, chunk.byteOffset, length / 2);
  const stride = bytes / 2;
  for (let at = stride - 1; at < halves.length; at += stride)
    if ((halves[at]! & exponent) === exponent) return (at - stride + 1) / stride;
  return null;
}
