import { CogumiError } from '@cogumi/contracts';
import { type ByteSource, openFile } from '@cogumi/data/formats';

/** A header names each tensor in about 100 bytes; 100 MB is what the safetensors library itself allows. */
const LARGEST_HEADER_BYTES = 100_000_000;

/** Read at once, so that most headers take one request of a remote file: those of large models have 10 to 60 KB (chosen). */
const FIRST_BYTES = 2 ** 17;

/** Bits of a value, by the type's name in the format. @see https://github.com/huggingface/safetensors `Dtype::bitsize` */
const VALUE_BITS: Readonly<Record<string, number>> = {
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8 },
  ...{ F8_E5M2FNUZ: 8, F8_E4M3FNUZ: 8, I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32 },
  ...{ I64: 64, U64: 64, F64: 64, C64: 64 },
};

/** A tensor of a safetensors file, without its values. */
export interface TensorHeader {
  readonly name: string;
  /** `F32`, `BF16`, … */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Place of its first byte in the file. */
  readonly start: number;
}

/** Reads what a local safetensors file holds. @throws CogumiError as `readTensorHeaders`. */
export async function readSafetensorsHeader(path: string): Promise<TensorHeader[]> {
  const source = await openFile(path);
  try {
    return await readTensorHeaders(source);
  } finally {
    await source.close();
  }
}

/**
 * Reads what a safetensors file holds from its header. No tensor is read.
 *
 * @throws CogumiError MODEL_CORRUPT when the header is not one, when a tensor's shape and type do not fill its bytes, when bytes belong
 * to no tensor or to two, or when the header promises another size than the file has (both byte counts).
 * @see https://github.com/huggingface/safetensors (format)
 */
export async function readTensorHeaders(source: ByteSource): Promise<TensorHeader[]> {
  const corrupt = (what: string) =>
    new CogumiError('MODEL_CORRUPT', `${source.name} ${what}.`, 'Fetch the file again.');
  const { headerBytes, text } = await readHeaderText(source, corrupt);
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
  const tensors: TensorHeader[] = [];
  const spans: Span[] = [];
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (!Array.isArray(offsets) || offsets.length !== 2 || !Array.isArray(shape) || !counts(offsets) || !counts(shape))
      throw corrupt(`describes tensor ${name.slice(0, 80)} without shape or offsets`);
    const [from, to] = offsets.map(Number) as [number, number];
    const tensor = { name, dtype: String(dtype), shape: shape.map(Number), start: 8 + headerBytes + from };
    const problem = sizeProblem(tensor, to - from);
    if (problem !== null) throw corrupt(problem);
    tensors.push(tensor);
    spans.push({ name, from, to });
  }
  const { end, problem } = lieEndToEnd(spans);
  if (problem !== null) throw corrupt(problem);
  if (8 + headerBytes + end !== source.byteLength) {
    throw corrupt(`has ${source.byteLength} bytes; its header promises ${8 + headerBytes + end}`);
  }
  return tensors;
}

/** The file begins with the length of its header, 8 bytes, and the header as JSON. */
async function readHeaderText(source: ByteSource, corrupt: (what: string) => CogumiError) {
  const size = source.byteLength;
  const first = await source.slice(0, Math.min(size, FIRST_BYTES));
  const headerBytes = size < 8 ? 0 : Number(first.readBigUInt64LE(0));
  if (size < 8 || headerBytes > Math.min(LARGEST_HEADER_BYTES, size - 8)) {
    throw corrupt(`promises a header of ${headerBytes} bytes in a file of ${size}`);
  }
  const end = 8 + headerBytes;
  const bytes = end <= first.length ? first : await source.slice(0, end);
  return { headerBytes, text: bytes.toString('utf8', 8, end) };
}

interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What shape and type of a tensor say of its bytes against what its offsets say; null where they agree. */
function sizeProblem(tensor: TensorHeader, bytes: number): string | null {
  const name = tensor.name.slice(0, 80);
  const bits = Object.hasOwn(VALUE_BITS, tensor.dtype) ? VALUE_BITS[tensor.dtype]! : null;
  if (bits === null) return `has tensor ${name} of type ${tensor.dtype.slice(0, 80)}, which the format does not know`;
  const wanted = (countValues(tensor) * bits) / 8;
  if (wanted === bytes) return null;
  const what = `${tensor.dtype} [${tensor.shape.join(', ')}]`;
  return `has tensor ${name} as ${what}, which takes ${wanted} bytes; its offsets span ${bytes}`;
}

/** The format has no gaps and shares no bytes. @returns The end of the last tensor, and the first place that breaks this rule. */
function lieEndToEnd(spans: readonly Span[]): { end: number; problem: string | null } {
  let end = 0;
  for (const { name, from, to } of [...spans].sort((left, right) => left.from - right.from || left.to - right.to)) {
    if (from !== end)
      return { end, problem: `has tensor ${name.slice(0, 80)} at byte ${from}; the one before it ends at ${end}` };
    end = to;
  }
  return { end, problem: null };
}

/** Number of values in a tensor. */
export function countValues({ shape }: Pick<TensorHeader, 'shape'>): number {
  return shape.reduce((product, length) => product * length, 1);
}
