import type { ModelSize } from '../artifacts/model-size.ts';

/** Sizes of real models in 16 bits, from the headers of their files. */
export const SEEDLING: ModelSize = {
  ...{ parameters: 3_672_320, layers: 4, hiddenSize: 256, vocabularySize: 2048, linearSpan: 19_456, keyWidth: 128 },
  bits: 16,
};
export const SMOLLM2: ModelSize = {
  ...{ parameters: 134_515_008, layers: 30, hiddenSize: 576, vocabularySize: 49_152 },
  ...{ linearSpan: 305_280, keyWidth: 192, bits: 16 },
};
export const GEMMA3: ModelSize = {
  ...{ parameters: 268_098_176, layers: 18, hiddenSize: 640, vocabularySize: 262_144 },
  ...{ linearSpan: 237_312, keyWidth: 256, bits: 16 },
};
export const LLAMA_8B: ModelSize = {
  ...{ parameters: 8.03e9, layers: 32, hiddenSize: 4096, vocabularySize: 128_256 },
  ...{ linearSpan: 1_310_720, keyWidth: 1024, bits: 16 },
};
