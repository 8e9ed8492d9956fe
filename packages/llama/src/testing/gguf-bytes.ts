/** A metadata value, keyed by its GGUF type. */
export type GgufValue =
  | { readonly text: string }
  | { readonly u16: number }
  | { readonly u32: number }
  | { readonly i32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly texts: readonly string[] }
  | { readonly f32s: readonly number[] }
  | { readonly i32s: readonly number[] };

/** A tensor of 16- or 32-bit floats; `shape` in GGUF's order, shortest stride first. */
export interface FloatTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float16Array | Float32Array;
}

/** A float32 tensor. */
export interface F32Tensor extends FloatTensor {
  readonly values: Float32Array;
}

const ALIGNMENT = 32;

/**
 * Bytes of a GGUF v3 file, written independently of the reader from the specification, so that tests can check the reader.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export function ggufBytes(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly FloatTensor[]): Buffer {
  let offset = 0;
  const infos = tensors.map(({ name, shape, values }) => {
    const info = Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(typeOf(values)), u64(offset)]);
    offset += padded(values.byteLength);
    return info;
  });
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(Object.keys(metadata).length),
    ...Object.entries(metadata).map(([key, value]) => ggufEntry(key, value)),
    ...infos,
  ]);
  return Buffer.concat([
    pad(head),
    ...tensors.map(({ values }) => pad(Buffer.from(values.buffer, values.byteOffset, values.byteLength))),
  ]);
}

/** One metadata entry: key, type and value. */
export function ggufEntry(key: string, value: GgufValue): Buffer {
  return Buffer.concat([text(key), valueBytes(value)]);
}

/** `ggml_type`. */
function typeOf(values: FloatTensor['values']): number {
  return values instanceof Float32Array ? 0 : 1;
}

function valueBytes(value: GgufValue): Buffer {
  if ('text' in value) return Buffer.concat([u32(8), text(value.text)]);
  if ('u16' in value) return Buffer.concat([u32(2), raw(Uint16Array.of(value.u16))]);
  if ('u32' in value) return Buffer.concat([u32(4), u32(value.u32)]);
  if ('i32' in value) return Buffer.concat([u32(5), raw(Int32Array.of(value.i32))]);
  if ('f32' in value) return Buffer.concat([u32(6), raw(Float32Array.of(value.f32))]);
  if ('bool' in value) return Buffer.concat([u32(7), Buffer.of(Number(value.bool))]);
  if ('texts' in value) return Buffer.concat([u32(9), u32(8), u64(value.texts.length), ...value.texts.map(text)]);
  if ('f32s' in value) {
    return Buffer.concat([u32(9), u32(6), u64(value.f32s.length), raw(Float32Array.from(value.f32s))]);
  }
  return Buffer.concat([u32(9), u32(5), u64(value.i32s.length), raw(Int32Array.from(value.i32s))]);
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  return raw(Uint32Array.of(value));
}

function u64(value: number): Buffer {
  return raw(BigUint64Array.of(BigInt(value)));
}

function raw(values: Float32Array | Int32Array | Uint16Array | Uint32Array | BigUint64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
