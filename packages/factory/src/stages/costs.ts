import type { ModelSize } from '../artifacts/model-size.ts';
import { CONTEXT_TOKENS } from './context.ts';

/**
 * What work on a model costs: formulas over the shape of the model, with constants measured on 2 shared cores of an AMD
 * EPYC without bf16 products (3.7 M, 135 M and 268 M parameters; vocabularies of 2,048, 49,152 and 262,144 tokens;
 * pipeline/plan/measured-stages.test.ts, docs/log.md). A store scales them by what it has seen, so only their ratios have
 * to hold on other machines.
 */

/** Raised when a formula or a constant changes: how far a stage was from the old ones says nothing about the new ones. */
export const COSTS_VERSION = 5;

/** Floating-point operations a second of PyTorch's f32 products, one thread (measured: 84). A processor that multiplies bf16 faster trains faster (190). */
const F32_FLOPS = 80e9;
/** Of llama.cpp reading a prompt, one thread, f16 or a k-quant (measured: 34). */
const READ_FLOPS = 34e9;
/** Of llama.cpp generating for 16 sequences at once, one thread (measured: 20 for 3.7 M, 30 for 135 M parameters). */
const GENERATE_FLOPS = 25e9;
/** Bytes a second that one thread reads weights with (measured: 18 to 23). */
const READ_BYTES = 20e9;
/** The same in PyTorch, which converts and copies, for what does not fit the cache of the processor (measured: 9.9). */
const TORCH_BYTES = 10e9;
const CACHE_BYTES = 32e6;
/** How much faster two threads are on two shared cores (measured: a build of 135 M parameters, 10 min 47 s; docs/log.md). */
const TWO_THREADS = 1.2;
/** And two processes of one thread (measured: SmolLM2-135M reads 10.1 prompts/s in two, 5.8 in one with two threads). */
const TWO_PROCESSES = 1.7;
/** llama.cpp gets one thread for models below this (packages/llama). */
const ONE_THREAD_BELOW = 100e6;

/** Tokens of a procedural question with its chat marks, and of an answer (measured: 33 and 10 for 2,048 tokens; 45 and 20 for 49,152). */
export const PROMPT_TOKENS = 40;
const ANSWER_TOKENS = 20;
/** Tokens of a training row, marks included (measured: 40 in a mix of all domains, 67 in coding). */
export const ROW_TOKENS = 50;
/** Of them those that are learned (measured: 0.2 to 0.3). */
const LEARNED = 0.3;
/** Tokens that one pass of grouped rows holds on average (measured: 620 with `batchTokens` 2,048). */
const GROUP_TOKENS = 600;

/** A model that is not known yet counts as the seedling. */
const UNKNOWN: ModelSize = {
  ...{ parameters: 3.7e6, layers: 4, hiddenSize: 256, vocabularySize: 2048, linearSpan: 19_456, keyWidth: 128 },
  bits: 16,
};

/** The model that the artifact of a workload holds or was made from. */
export function modelOf(workload: { readonly model?: ModelSize | undefined } | undefined): ModelSize {
  return workload?.model ?? UNKNOWN;
}

/** Whether the figures of a model were read from it, so that something can be refused by them. */
export function isKnown(model: ModelSize): boolean {
  return model !== UNKNOWN;
}

const headOf = ({ hiddenSize, vocabularySize }: ModelSize) => hiddenSize * vocabularySize;
const bodyOf = (model: ModelSize) => Math.max(0, model.parameters - headOf(model));

/** A model with so many of its decoder layers. @param kept - 0 counts as one layer without weights. */
export function withLayers(model: ModelSize, kept: number): ModelSize {
  const share = kept / model.layers;
  return {
    ...model,
    parameters: headOf(model) + share * (model.parameters - headOf(model)),
    layers: Math.max(1, kept),
    linearSpan: share * model.linearSpan,
  };
}

/** Steps of a training job over so many rows. */
export function trainingSteps(
  rows: number,
  { epochs, maxSteps, batchTokens }: { epochs: number; maxSteps: number | null; batchTokens: number },
): number {
  const steps = Math.ceil((epochs * rows * ROW_TOKENS) / batchTokens);
  return Math.min(steps, maxSteps ?? steps);
}

/** Seconds to train a LoRA adapter on one token, forward and backward. @param rank - 0 to train every weight. */
export function trainSeconds(model: ModelSize, rank: number): number {
  const { layers, hiddenSize, vocabularySize, linearSpan, parameters } = model;
  // A frozen weight takes a product forward and one backward; a trained one a third.
  const products = rank === 0 ? 6 * bodyOf(model) : 4 * bodyOf(model) + 6 * rank * linearSpan;
  const elementwise = 55e-9 * layers * hiddenSize;
  // Pretraining learns every token, fine-tuning the answers.
  const learned = rank === 0 ? 1 : LEARNED;
  const head = learned * ((4 * headOf(model)) / F32_FLOPS + 20e-9 * vocabularySize);
  // Each pass reads the weights and starts each layer's kernels.
  const pass = ((4 * parameters) / 3e9 + 4e-3 * layers) / GROUP_TOKENS;
  return (products / F32_FLOPS + elementwise + head + pass) / TWO_THREADS;
}

/** Seconds of PyTorch in f32 to read `tokens` of a prompt. */
export function torchReadSeconds(model: ModelSize, tokens: number): number {
  return (model.layers * 0.9e-3 + (2 * model.parameters * tokens) / F32_FLOPS) / TWO_THREADS;
}

/** Seconds of PyTorch in f32 to generate one token: every weight is read once. */
export function torchStepSeconds(model: ModelSize): number {
  return model.layers * 0.6e-3 + Math.max(0, 4 * model.parameters - CACHE_BYTES) / TORCH_BYTES;
}

/** Seconds to load a model of PyTorch, or to write one. */
export function loadSeconds({ parameters }: ModelSize): number {
  return 0.1 + parameters * 3e-9;
}

/** Seconds of a job of the engine to load a tokenizer (measured: 4.6 for 262,144 tokens, 0.6 for 49,152). */
export function tokenizerSeconds({ vocabularySize }: ModelSize): number {
  return vocabularySize * 17e-6;
}

/** Seconds of llama.cpp's converter: it writes weights, and each token as a value of its own (measured: 12.1 and 3.0). */
export function convertSeconds({ parameters, vocabularySize }: ModelSize): number {
  return 1 + parameters * 11e-9 + vocabularySize * 30e-6;
}

/** Seconds to read the weights of a GGUF file into a model folder (measured with the tokenizer: 17.3 for 268 M, 5.0 for 135 M). */
export function dequantizeSeconds({ parameters, vocabularySize }: ModelSize): number {
  return 0.3 + parameters * 30e-9 + vocabularySize * 3e-6;
}

/** Seconds to rebuild the tokenizer of a GGUF file and to write it (measured: 4 for 262,144 tokens). */
export function rebuildTokenizerSeconds(model: ModelSize): number {
  return model.vocabularySize * 15e-6 + tokenizerSeconds(model);
}

/** How much faster than one thread llama.cpp is with the threads that it gets. */
function speedUp(model: ModelSize): number {
  return (model.parameters * model.bits) / 8 < ONE_THREAD_BELOW ? 1 : TWO_THREADS;
}

/** Seconds of llama.cpp to read one token of a prompt. @param outputs - Logits for every token, not only for the last. */
export function readSeconds(model: ModelSize, outputs = false): number {
  const weights = outputs ? model.parameters : bodyOf(model);
  return (2 * weights) / READ_FLOPS / speedUp(model);
}

/** Seconds for one token with its logits where prompts are shared among so many processes of one thread each. */
export function sharedReadSeconds({ parameters }: ModelSize, processes: number): number {
  return (2 * parameters) / READ_FLOPS / processes;
}

/**
 * Seconds of llama.cpp to answer one question among 16 side by side.
 *
 * @param maxTokens - Where an answer is cut.
 * @param processes - That share the questions, one thread each where there is more than one.
 */
export function answerSeconds(model: ModelSize, maxTokens: number, processes = 1): number {
  const generated = Math.min(maxTokens, ANSWER_TOKENS);
  const generate = (2 * model.parameters) / GENERATE_FLOPS;
  const read = (PROMPT_TOKENS * 2 * bodyOf(model)) / READ_FLOPS;
  return (read + generated * generate) / (processes > 1 ? TWO_PROCESSES : speedUp(model));
}

/** Seconds of llama.cpp to generate one token alone: every weight is read once. */
export function stepSeconds(model: ModelSize): number {
  return (model.parameters * model.bits) / 8 / READ_BYTES + 2e-4;
}

/** Bytes of an adapter on all linear layers. @param bits - Of a weight in the file. */
export function adapterBytes({ linearSpan }: ModelSize, rank: number, bits: number): number {
  return (linearSpan * rank * bits) / 8;
}

/** Bytes of the tokenizer's files beside the weights (measured: 3.5 MB for 49,152 tokens, 0.12 MB for 2,048). */
export function tokenizerBytes({ vocabularySize }: ModelSize): number {
  return 70 * vocabularySize;
}

/** Bytes of a model in Hugging Face form. */
export function modelBytes(model: ModelSize): number {
  return (model.parameters * model.bits) / 8 + tokenizerBytes(model);
}

/**
 * Bits a weight of llama.cpp's types: of the layers, and of the head, which the `_M` types store in Q6_K (llama.cpp,
 * tools/quantize; whole-file figures of Llama-3.1-8B).
 */
const BLOCK_BITS: Readonly<Record<string, readonly [body: number, head: number]>> = {
  f16: [16, 16],
  bf16: [16, 16],
  f32: [32, 32],
  Q8_0: [8.5, 8.5],
  Q6_K: [6.5625, 6.5625],
  Q5_K_M: [5.65, 6.5625],
  Q4_K_M: [4.8, 6.5625],
  Q4_0: [4.5, 6.5625],
  Q3_K_M: [3.82, 6.5625],
  Q2_K: [2.92, 6.5625],
};

/** What llama.cpp takes instead where a row is no multiple of 256 values: Q2_K, Q3_K → IQ4_NL, Q4_K → Q5_0, Q5_K → Q5_1, Q6_K → Q8_0. */
const FALLBACK_BITS: Readonly<Record<string, readonly [body: number, head: number]>> = {
  ...BLOCK_BITS,
  Q6_K: [8.5, 8.5],
  Q5_K_M: [6.2, 8.5],
  Q4_K_M: [5.7, 8.5],
  Q4_0: [4.5, 8.5],
  Q3_K_M: [4.65, 8.5],
  Q2_K: [4.25, 8.5],
};

/** The model as a GGUF file of a type. */
export function quantizedSize(model: ModelSize, type: string): ModelSize {
  const table = model.hiddenSize % 256 === 0 ? BLOCK_BITS : FALLBACK_BITS;
  const [body, head] = table[type] ?? [16, 16];
  return { ...model, bits: (bodyOf(model) * body + headOf(model) * head) / model.parameters };
}

/** Bytes of a GGUF file. Its vocabulary takes about 35 bytes a token (measured: 1.7 MB for 49,152). */
export function ggufBytes(model: ModelSize): number {
  return (model.parameters * model.bits) / 8 + 35 * model.vocabularySize;
}

/** Bytes of a llama.cpp process: weights, cache of keys and values in 16 bits, logits of a batch of 512 tokens. */
export function hostBytes(model: ModelSize, sequences: number): number {
  const cache = (sequences + 1) * CONTEXT_TOKENS * model.layers * 2 * model.keyWidth * 2;
  return 65e6 + ggufBytes(model) + cache + 512 * model.vocabularySize * 4;
}

/** Bytes of an idle engine with its libraries (measured: 282 MB). */
const ENGINE_BYTES = 0.3e9;

/** What PyTorch's allocator keeps after many passes of different sizes (measured: 1 to 1.3 GB). */
const ALLOCATOR_BYTES = 1e9;

/** Most tokens of one forward and backward pass, padding included: a row longer than the bound is a pass of its own. */
export function passTokens(options: PassOptions): number {
  return Math.max(options.microBatchTokens ?? options.batchTokens, options.maxRowTokens);
}

interface PassOptions {
  readonly batchTokens: number;
  readonly microBatchTokens: number | null;
  readonly maxRowTokens: number;
}

/**
 * Bytes of the engine while it trains: weights in f32 and their copies in bf16, activations of a pass, logits of its
 * learned tokens with their gradients.
 *
 * @param passTokens - Tokens of one forward and backward pass.
 */
export function trainBytes(model: ModelSize, passTokens: number, rank: number): number {
  const { layers, hiddenSize, vocabularySize, parameters, linearSpan } = model;
  const activations = passTokens * layers * hiddenSize * 68;
  const logits = passTokens * LEARNED * vocabularySize * 4 * 3;
  const state = rank === 0 ? parameters * 12 : rank * linearSpan * 16;
  return ENGINE_BYTES + ALLOCATOR_BYTES + parameters * 6 + state + activations + logits;
}

/** The same while only embedding and head learn, from every token: no other weight has a copy, and all logits have gradients. */
export function embeddingTrainBytes(model: ModelSize, passTokens: number): number {
  const { layers, hiddenSize, vocabularySize, parameters } = model;
  const activations = passTokens * layers * hiddenSize * 68;
  const logits = passTokens * vocabularySize * 4 * 3;
  return ENGINE_BYTES + ALLOCATOR_BYTES + parameters * 6 + headOf(model) * 12 + activations + logits;
}

interface WorkingState {
  readonly optimizer: 'adamw' | 'muon';
  readonly patience: number;
}

/**
 * Bytes on disk that a training job keeps until it ends: its rows as tokens, and the checkpoint beside the one before it.
 *
 * @param rank - 0 to train every weight.
 */
export function trainWorkBytes(model: ModelSize, rows: number, rank: number, options: WorkingState): number {
  // An id and a weight a token, and where the row ends (engine, tokens.py).
  const tokens = rows * (ROW_TOKENS * (model.vocabularySize <= 2 ** 16 ? 2 + 1 : 4 + 1) + 8);
  const trained = rank === 0 ? model.parameters : rank * model.linearSpan;
  // In f32: the weights, what the optimizer keeps for each, and the best weights so far.
  const copies = 1 + (options.optimizer === 'muon' ? 1 : 2) + (options.patience > 0 ? 1 : 0);
  return tokens + 2 * trained * 4 * copies;
}

/** Bytes of the engine while it holds `copies` of a model in f32. */
export function engineBytes({ parameters }: ModelSize, copies: number): number {
  return ENGINE_BYTES + copies * parameters * 4;
}
