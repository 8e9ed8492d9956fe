import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJsonl } from '@cogumi/data/formats';
import type { ModelSize } from '../../../artifacts/model-size.ts';
import { modelBytes, passTokens, trainBytes, trainSeconds, trainWorkBytes } from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { PretrainOptions } from './options.ts';
import { seedlingCorpus } from './seedling/corpus.ts';

/** Bytes of a generated row in a file (measured: 269 on average in 6,000). */
const CORPUS_ROW_BYTES = 270;

/** Trains a small language model and its tokenizer from random weights on generated text. */
export const pretrain = defineStage({
  name: 'pretrain',
  version: 4,
  inputs: {},
  output: 'model',
  options: PretrainOptions,
  cacheInputs: ['engine', 'teachers'],
  resumable: true,
  workload: (options) => {
    const model = pretrainedSize(options);
    const corpus = options.rows + options.validationRows;
    return {
      items: options.steps,
      unit: 'steps',
      // Half a minute for the text and the tokenizer (measured).
      fixedSeconds: 20,
      secondsPerItem: 1.05 * options.batchTokens * trainSeconds(model, 0),
      bytes: modelBytes(model),
      workBytes: corpus * CORPUS_ROW_BYTES + trainWorkBytes(model, corpus, 0, options),
      memory: { engine: trainBytes(model, passTokens(options), 0) },
      model,
    };
  },
  sample: (options, items) => ({ ...options, steps: Math.min(options.steps, items) }),
  async run(context) {
    const { rows, validationRows, ...options } = context.options;
    const work = join(context.output, 'work');
    await mkdir(work, { recursive: true });
    const files = { rows: join(work, 'rows.jsonl'), validation: join(work, 'validation.jsonl') };
    const seen = new Set<string>();
    await writeJsonl(files.rows, seedlingCorpus({ rows, seed: context.seed, seen }));
    await writeJsonl(
      files.validation,
      seedlingCorpus({ rows: validationRows, seed: context.seed + 1, seen, echoesFirst: 0 }),
    );
    const facts = await context.runJob('pretrain', files, options);
    return { gates: [], facts: { ...facts, licence: 'Apache-2.0' } };
  },
});

/** Size of a Llama with tied embeddings, by its shape. */
function pretrainedSize(options: PretrainOptions): ModelSize {
  const { layers, hiddenSize, feedForwardSize, heads, keyValueHeads, vocabularySize } = options;
  const keyWidth = (hiddenSize / heads) * keyValueHeads;
  const matrices = [
    [hiddenSize, hiddenSize],
    [hiddenSize, hiddenSize],
    [hiddenSize, keyWidth],
    [hiddenSize, keyWidth],
    ...Array.from({ length: 3 }, () => [hiddenSize, feedForwardSize]),
  ] as [number, number][];
  const sum = (of: (rows: number, columns: number) => number) =>
    matrices.reduce((total, [rows, columns]) => total + of(rows, columns), 0);
  return {
    ...{ layers, hiddenSize, vocabularySize, keyWidth, bits: 16 },
    parameters:
      vocabularySize * hiddenSize + layers * (sum((rows, columns) => rows * columns) + 2 * hiddenSize) + hiddenSize,
    linearSpan: layers * sum((rows, columns) => rows + columns),
  };
}
