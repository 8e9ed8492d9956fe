import { describe, expect, it } from 'vitest';
import { LLAMA_8B, SEEDLING, SMOLLM2 } from '../testing/model-sizes.ts';
import {
  adapterBytes,
  answerSeconds,
  ggufBytes,
  hostBytes,
  modelBytes,
  passTokens,
  quantizedSize,
  trainBytes,
  trainSeconds,
  trainWorkBytes,
} from './costs.ts';

/** Predicted over measured. */
const ratio = (predicted: number, measured: number) => predicted / measured;

describe('bytes', () => {
  it('are those of real files within 10%', () => {
    expect(ratio(modelBytes(SMOLLM2), 269_060_552 + 3_522_656)).toBeCloseTo(1, 1);
    expect(ratio(ggufBytes(SMOLLM2), 270_885_728)).toBeCloseTo(1, 1);
    expect(ratio(ggufBytes(quantizedSize(SMOLLM2, 'Q5_K_M')), 112_103_264)).toBeCloseTo(1, 1);
    expect(ratio(ggufBytes(quantizedSize(SMOLLM2, 'Q3_K_M')), 93_510_048)).toBeCloseTo(1, 1);
    expect(ratio(ggufBytes(quantizedSize(SMOLLM2, 'Q2_K')), 88_201_632)).toBeCloseTo(1, 1);
    expect(ratio(adapterBytes(SMOLLM2, 16, 32), 19_593_064)).toBeCloseTo(1, 1);
    expect(ratio(adapterBytes(SEEDLING, 16, 32), 1_252_376)).toBeCloseTo(1, 1);
    // Llama-3.1-8B: 2.95, 3.74, 4.58, 5.33 and 7.95 GiB (llama.cpp, tools/quantize).
    expect(ratio(ggufBytes(quantizedSize(LLAMA_8B, 'Q2_K')), 2.95 * 2 ** 30)).toBeCloseTo(1, 1);
    expect(ratio(ggufBytes(quantizedSize(LLAMA_8B, 'Q3_K_M')), 3.74 * 2 ** 30)).toBeCloseTo(1, 1);
    expect(ratio(ggufBytes(quantizedSize(LLAMA_8B, 'Q4_K_M')), 4.58 * 2 ** 30)).toBeCloseTo(1, 1);
    expect(ratio(ggufBytes(quantizedSize(LLAMA_8B, 'Q5_K_M')), 5.33 * 2 ** 30)).toBeCloseTo(1, 1);
    expect(ratio(ggufBytes(quantizedSize(LLAMA_8B, 'Q8_0')), 7.95 * 2 ** 30)).toBeCloseTo(1, 1);
  });

  it('grow where a row is no multiple of 256, because llama.cpp takes larger blocks there', () => {
    const narrow = { ...LLAMA_8B, hiddenSize: 4000 };
    expect(quantizedSize(narrow, 'Q4_K_M').bits).toBeGreaterThan(quantizedSize(LLAMA_8B, 'Q4_K_M').bits);
  });
});

describe('time and memory', () => {
  it('of training grow with the model', () => {
    expect(trainSeconds(SMOLLM2, 16) / trainSeconds(SEEDLING, 16)).toBeGreaterThan(8);
    expect(trainSeconds(SMOLLM2, 0)).toBeGreaterThan(trainSeconds(SMOLLM2, 16));
    // An 8 B model in f32 and its bf16 copies take more than 48 GB: no 24 GB machine trains it.
    expect(trainBytes(LLAMA_8B, 2048, 64)).toBeGreaterThan(48e9);
  });

  it('of serving grow with weights, sequences and vocabulary', () => {
    const small = quantizedSize(SMOLLM2, 'Q5_K_M');
    expect(hostBytes(small, 16) - hostBytes(small, 8)).toBeCloseTo(8 * 2048 * 30 * 2 * 192 * 2, 0);
    expect(answerSeconds(small, 96)).toBeGreaterThan(10 * answerSeconds(SEEDLING, 96));
  });
});

describe('passTokens', () => {
  it('is the bound of a pass, and a row that is longer than it', () => {
    const given = { batchTokens: 2048, microBatchTokens: null, maxRowTokens: 512 };
    expect(passTokens(given)).toBe(2048);
    expect(passTokens({ ...given, microBatchTokens: 1024 })).toBe(1024);
    expect(passTokens({ ...given, microBatchTokens: 64 })).toBe(512);
  });
});

describe('trainWorkBytes', () => {
  it('counts rows as tokens, wider for a larger vocabulary, and two checkpoints', () => {
    const options = { optimizer: 'adamw', patience: 0 } as const;
    // By hand: 1,000 rows of 50 tokens of 3 bytes and 8 bytes a row; 4 * 305,280 weights in f32 three times, twice.
    expect(trainWorkBytes(SMOLLM2, 1000, 4, options)).toBe(158_000 + 2 * 4 * 305_280 * 4 * 3);
    expect(trainWorkBytes(LLAMA_8B, 1000, 0, options) - trainWorkBytes(LLAMA_8B, 0, 0, options)).toBe(258_000);
    const best = trainWorkBytes(SMOLLM2, 0, 4, { optimizer: 'muon', patience: 3 });
    expect(best).toBe(2 * 4 * 305_280 * 4 * 3);
  });
});
