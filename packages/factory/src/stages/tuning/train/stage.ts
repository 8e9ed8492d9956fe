import {
  adapterBytes,
  loadSeconds,
  modelOf,
  passTokens,
  tokenizerSeconds,
  trainBytes,
  trainingSteps,
  trainSeconds,
  trainWorkBytes,
} from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { TrainOptions } from './options.ts';

/** Trains an adapter on a frozen full-precision model. */
export const train = defineStage({
  name: 'train',
  version: 4,
  inputs: { model: 'model', rows: 'rows' },
  output: 'adapter',
  options: TrainOptions,
  cacheInputs: ['engine'],
  resumable: true,
  workload: ({ rank, ...loop }, { rows, model: base }) => {
    const model = modelOf(base);
    return {
      items: trainingSteps(rows?.items ?? 0, loop),
      unit: 'steps',
      fixedSeconds: 2 + loadSeconds(model) + tokenizerSeconds(model),
      // A tenth for the validations.
      secondsPerItem: 1.1 * loop.batchTokens * trainSeconds(model, rank),
      bytes: adapterBytes(model, rank, 32),
      workBytes: trainWorkBytes(model, rows?.items ?? 0, rank, loop),
      memory: { engine: trainBytes(model, passTokens(loop), rank) },
      model,
    };
  },
  sample: (options, items) => ({ ...options, maxSteps: Math.min(options.maxSteps ?? items, items) }),
  async run(context) {
    const facts = await context.runJob('train', {
      model: context.input('model').folder,
      rows: context.input('rows').path('train.jsonl'),
      validation: context.input('rows').path('validation.jsonl'),
    });
    return { gates: [], facts };
  },
});
