import { CogumiError } from '@cogumi/contracts';
import { loadLibrary } from './library.ts';

/** `llama_ftype` of llama.h. */
const FILE_TYPES = { F16: 1, Q4_0: 2, Q8_0: 7, Q2_K: 10, Q3_K_M: 12, Q4_K_M: 15, Q5_K_M: 17, Q6_K: 18 } as const;
export type QuantizationType = keyof typeof FILE_TYPES;

export interface QuantizeOptions {
  readonly input: string;
  readonly output: string;
  readonly type: QuantizationType;
  readonly threads: number;
  /** True: also a file whose weights are quantized already, which loses precision twice. Default false: it is refused. */
  readonly again?: boolean;
}

/** Quantizes in this process. `quantize` does it in a child process, where a crash is harmless. */
export function quantizeInProcess({ input, output, type, threads, again = false }: QuantizeOptions): null {
  const llama = loadLibrary();
  const result = llama.quantize(input, output, {
    ...llama.quantizeDefaults(),
    nthread: threads,
    ftype: FILE_TYPES[type],
    allow_requantize: again,
  }) as number;
  if (result !== 0) {
    throw new CogumiError(
      'QUANTIZE',
      `llama.cpp cannot quantize ${input} to ${type}: ${llama.takeErrors()}.`,
      'Quantize an f16 or f32 file.',
    );
  }
  return null;
}
