import { CogumiError } from '@cogumi/contracts';
import koffi from 'koffi';
import type { Pointer } from './library.ts';

/** Address in native memory. */
export type Address = number;

/** `ggml_type` of ggml.h. */
export const TYPE = { f32: 0, f16: 1, i32: 26, bf16: 30 } as const;

/** Where the fields of a `ggml_tensor` lie, in bytes. Source: ggml.h of the release; `checkTensors` compares it with the library. */
const FIELD = { type: 0, sizes: 16, strides: 48, operation: 80, parameters: 84, sources: 152, data: 248, name: 256 };
const BYTES = 336;
const NAME_BYTES = 64;

/** The numbers of operations in the installed library. */
export interface Operations {
  readonly matMul: number;
  readonly matMulById: number;
  readonly scale: number;
  readonly multiply: number;
  readonly getRows: number;
}

/** Copies native memory. */
type Read = (to: Buffer, from: Address, bytes: number) => void;

/** The fields of a `ggml_tensor`, read from native memory. */
export class Tensor {
  readonly #bytes = Buffer.alloc(BYTES);
  readonly #read: Read;

  constructor(read: Read) {
    this.#read = read;
  }

  /** Reads the tensor at an address; the fields before are gone. */
  at(address: Address): this {
    this.#read(this.#bytes, address, BYTES);
    return this;
  }

  get type(): number {
    return this.#bytes.readInt32LE(FIELD.type);
  }
  get operation(): number {
    return this.#bytes.readInt32LE(FIELD.operation);
  }
  /** The first operation parameter as a float, such as the factor of a scale. */
  get factor(): number {
    return this.#bytes.readFloatLE(FIELD.parameters);
  }
  get data(): Address {
    return this.#word(FIELD.data);
  }
  get name(): string {
    return this.#bytes.toString('latin1', FIELD.name, FIELD.name + NAME_BYTES).split('\0')[0] as string;
  }
  /** Elements in a dimension, 0 to 3; dimension 0 is that of rows. */
  size(dimension: number): number {
    return this.#word(FIELD.sizes + 8 * dimension);
  }
  /** Bytes from one element to the next in a dimension. */
  stride(dimension: number): number {
    return this.#word(FIELD.strides + 8 * dimension);
  }
  source(place: number): Address {
    return this.#word(FIELD.sources + 8 * place);
  }

  #word(at: number): number {
    return Number(this.#bytes.readBigUInt64LE(at));
  }
}

/** Functions of ggml that make tensors, and access to their fields. Struct layout and operations are checked. */
export type Tensors = ReturnType<typeof bindTensors>;

/** @throws CogumiError LLAMA_LAYOUT if a tensor of the library is laid out in another way. */
export function bindTensors(ggml: ReturnType<typeof koffi.load>) {
  koffi.struct('ggml_init_params', { mem_size: 'size_t', mem_buffer: 'void *', no_alloc: 'bool' });
  const init = ggml.func('void *ggml_init(ggml_init_params params)');
  const newTensor = ggml.func('uintptr_t ggml_new_tensor(void *context, int type, int dimensions, void *sizes)');
  const free = ggml.func('void ggml_free(void *context)');
  const overhead = Number(ggml.func('size_t ggml_tensor_overhead()')());
  const copyOut = ggml.func('uintptr_t memcpy(void *to, uintptr_t from, size_t bytes)');
  const copyIn = ggml.func('uintptr_t memcpy(uintptr_t to, void *from, size_t bytes)');
  const read: Read = (to, from, bytes) => void copyOut(to, from, bytes);
  const dataOut = ggml.func('void ggml_backend_tensor_get(uintptr_t tensor, void *data, size_t offset, size_t bytes)');
  const nameBytes = Buffer.alloc(NAME_BYTES);
  const word = Buffer.alloc(8);
  const writeWord = (at: Address, value: number) => {
    word.writeBigUInt64LE(BigInt(value));
    copyIn(at, word, 8);
  };
  const create = (context: Pointer, type: number, sizes: readonly number[]): Address =>
    Number(newTensor(context, type, sizes.length, BigInt64Array.from(sizes, BigInt)));
  const createContext = (bytes: number): Pointer => init({ mem_size: bytes, mem_buffer: null, no_alloc: false });
  const check = (readFields: Read): Operations => {
    const context = createContext(2 ** 16);
    try {
      return checkTensors(ggml, context, create, new Tensor(readFields));
    } finally {
      free(context);
    }
  };

  return {
    operations: check(read),
    /** Compares the layout of tensors with what is expected. @param readFields - `read`, except in tests. @throws CogumiError LLAMA_LAYOUT. */
    check,
    /** Bytes that a context needs for each tensor besides its data, with room for its alignment. */
    overhead: overhead + 64,
    /** Memory for tensors of so many bytes; `free` it. */
    createContext,
    free: (context: Pointer) => void free(context),
    create,
    /** A reader of tensors; each `at` overwrites what it read before. */
    createReader: () => new Tensor(read),
    read,
    /** Name of a tensor; the rest of it is not read. */
    nameOf(at: Address): string {
      read(nameBytes, at + FIELD.name, NAME_BYTES);
      return nameBytes.toString('latin1', 0, nameBytes.indexOf(0));
    },
    /** Copies the data of a tensor, wherever its backend keeps it. */
    readData: (into: Float32Array, tensor: Address) => void dataOut(tensor, into, 0, into.byteLength),
    /** A view of native memory; nothing is copied. */
    view: (at: Address, bytes: number) => koffi.view(BigInt(at), bytes),
    setOperation(at: Address, operation: number): void {
      word.writeInt32LE(operation);
      copyIn(at + FIELD.operation, word, 4);
    },
    setSource: (at: Address, place: number, source: Address) => writeWord(at + FIELD.sources + 8 * place, source),
    /** Gives a contiguous tensor other sizes; its memory has to be large enough. */
    setSizes(at: Address, elementBytes: number, sizes: readonly number[]): void {
      let stride = elementBytes;
      for (let dimension = 0; dimension < 4; dimension++) {
        writeWord(at + FIELD.sizes + 8 * dimension, sizes[dimension] ?? 1);
        writeWord(at + FIELD.strides + 8 * dimension, stride);
        stride *= sizes[dimension] ?? 1;
      }
    },
  };
}

/** Lets the library make one tensor of each kind, and compares what lies in memory with what it has to be. */
function checkTensors(
  ggml: ReturnType<typeof koffi.load>,
  context: Pointer,
  create: (context: Pointer, type: number, sizes: readonly number[]) => Address,
  tensor: Tensor,
): Operations {
  const call = (name: string, left: Address, right: Address) =>
    Number(ggml.func(`uintptr_t ${name}(void *context, uintptr_t left, uintptr_t right)`)(context, left, right));
  const matrix = create(context, TYPE.f32, [3, 7]);
  const columns = create(context, TYPE.f32, [3, 5]);
  const stack = create(context, TYPE.f32, [3, 7, 2]);
  const ids = create(context, TYPE.i32, [5, 1]);
  const mask = create(context, TYPE.f32, [1, 5]);
  ggml.func('uintptr_t ggml_set_name(uintptr_t tensor, const char *name)')(matrix, 'a.lora_a');
  const product = call('ggml_mul_mat', matrix, columns);
  const scaled = Number(
    ggml.func('uintptr_t ggml_scale(void *context, uintptr_t tensor, float factor)')(context, product, 0.25),
  );
  const chosen = Number(
    ggml.func('uintptr_t ggml_mul_mat_id(void *context, uintptr_t stack, uintptr_t columns, uintptr_t ids)')(
      context,
      stack,
      columns,
      ids,
    ),
  );
  const rows = call('ggml_get_rows', matrix, ids);
  const multiplied = call('ggml_mul', product, mask);
  const operationOf = (at: Address) => tensor.at(at).operation;
  const dataOf = ggml.func('uintptr_t ggml_get_data(uintptr_t tensor)');

  const facts: [fact: string, found: unknown, expected: unknown][] = [
    ['bytes', Number(ggml.func('size_t ggml_tensor_overhead()')()) - 32, BYTES],
    ['name', tensor.at(matrix).name, 'a.lora_a'],
    ['type', tensor.at(ids).type, TYPE.i32],
    ['data', tensor.at(matrix).data, Number(dataOf(matrix))],
    ['factor', tensor.at(scaled).factor, 0.25],
    ['source 0', tensor.at(product).source(0), matrix],
    ['source 1', tensor.at(product).source(1), columns],
    ['source 2', tensor.at(chosen).source(2), ids],
    ['sizes', [0, 1, 2, 3].map((at) => tensor.at(stack).size(at)).join(), '3,7,2,1'],
    ['strides', [0, 1, 2, 3].map((at) => tensor.at(stack).stride(at)).join(), '4,12,84,168'],
    // A product by ids has the shape of the plain product, so that one can stand in the other's place.
    ['shape of a product', shape(tensor.at(product)), '7,5,1,1,4,28,140,140'],
    ['shape of a product by ids', shape(tensor.at(chosen)), '7,5,1,1,4,28,140,140'],
    ['operations', new Set([product, scaled, chosen, rows, multiplied].map(operationOf)).size, 5],
  ];
  const wrong = facts.filter(([, found, expected]) => found !== expected);
  const operations = {
    matMul: operationOf(product),
    matMulById: operationOf(chosen),
    scale: operationOf(scaled),
    multiply: operationOf(multiplied),
    getRows: operationOf(rows),
  };
  if (wrong.length === 0) return operations;
  throw new CogumiError(
    'LLAMA_LAYOUT',
    `The installed llama.cpp is not the release this binding was written for: ${wrong
      .map(([fact, found, expected]) => `ggml_tensor: ${fact} is ${found} instead of ${expected}`)
      .join('; ')}.`,
    'Install the pinned packages again (`npm ci`).',
  );
}

function shape(tensor: Tensor): string {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((at) => (at < 4 ? tensor.size(at) : tensor.stride(at - 4))).join();
}
