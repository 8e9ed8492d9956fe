import { z } from 'zod';

/** Pre-tokenizer type for llama.cpp; needed if the official converter does not recognise the tokenizer. */
const preTokenizer = z
  .string()
  .nullable()
  .default(null)
  .describe('llama.cpp name such as `smollm`; null: the converter recognises it.');

/** HF folder `model` → `model.gguf` by llama.cpp's own converter. */
export const ExportOptions = z.strictObject({
  type: z.enum(['f16', 'bf16', 'f32']).default('f16').describe('Precision of the weights in the file.'),
  preTokenizer,
});
export type ExportOptions = z.infer<typeof ExportOptions>;

/** PEFT folder `adapter` for HF folder `model` → `adapter.gguf` by llama.cpp's own converter. */
export const ExportAdapterOptions = z.strictObject({ type: z.enum(['f16', 'f32', 'q8_0']).default('f16') });
export type ExportAdapterOptions = z.infer<typeof ExportAdapterOptions>;

/** Options of the job: `type` is f32 in the file where values are too large for f16. Fact `type`. */
export const ExportAdapterJobOptions = ExportAdapterOptions.extend({
  base: z
    .string()
    .nullable()
    .default(null)
    .describe("Digest of the base's GGUF file, which the adapter then names; null: it names none."),
});

/**
 * PEFT folder `adapter` of others, checked against HF folder `model` → a copy of its config and weights. Facts: `rank` (the largest),
 * `layers`, `madeFor` (the base that its config names).
 */
export const ImportAdapterOptions = z.strictObject({});
export type ImportAdapterOptions = z.infer<typeof ImportAdapterOptions>;

/** `gguf` with config and tokenizer of HF folder `model` → HF folder with the weights as they will be served, in bf16. */
export const DequantizeOptions = z.strictObject({});
export type DequantizeOptions = z.infer<typeof DequantizeOptions>;

/**
 * GGUF file `gguf` → HF folder in bf16: weights dequantized, tokenizer and chat template rebuilt from the file. Input `texts`: a JSON list
 * of texts; `work/ids.jsonl` has the tokens of each, a line each. Facts: `parameters`,
 * `architecture`, `types` (of the file's matrices, such as `Q4_1`), `context` (tokens).
 */
export const ReadGgufOptions = z.strictObject({});
export type ReadGgufOptions = z.infer<typeof ReadGgufOptions>;

/**
 * Logits and greedy answers of PyTorch, which the export compares with llama.cpp. Inputs `model`, `rows`. Output:
 * `prompts.jsonl`, one line `{prompt, ids, greedyIds, greedyText}` per prompt, and `logits.safetensors` with one f32
 * tensor [ids, vocabulary] per prompt, named by its line number. Facts: `loss`, the mean cross-entropy of the prompts' own tokens in
 * nats, `vocabulary`, the width of the logits, and `ends`, the ids of the tokens that end an answer.
 */
export const LogitsOptions = z.strictObject({
  prompts: z.int().positive().default(32).describe('Questions on which llama.cpp and PyTorch are compared.'),
  greedyTokens: z.int().positive().default(32).describe('Tokens that both generate after each prompt.'),
});
export type LogitsOptions = z.infer<typeof LogitsOptions>;
