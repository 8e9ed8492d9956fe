import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJsonl } from '@cogumi/data/formats';
import { defineStage } from '../../stage.ts';
import { PretrainOptions } from './options.ts';
import { seedlingCorpus } from './seedling/corpus.ts';

/** Trains a small language model and its tokenizer from random weights on generated text. */
export const pretrain = defineStage({
  name: 'pretrain',
  version: 3,
  inputs: {},
  output: 'model',
  options: PretrainOptions,
  cacheInputs: ['engine', 'teachers'],
  resumable: true,
  workload: ({ steps, batchTokens }) => ({
    items: steps,
    unit: 'steps',
    fixedSeconds: 20,
    // 5,000 tokens/s on 2 slow cores for 4 M parameters (measured; docs/log.md).
    secondsPerItem: batchTokens / 5000,
    bytes: 8e6,
  }),
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
