import { JOBS } from '@cogumi/contracts';
import {
  engineBytes,
  isKnown,
  loadSeconds,
  modelBytes,
  modelOf,
  passTokens,
  ROW_TOKENS,
  torchReadSeconds,
  trainBytes,
  trainingSteps,
  trainSeconds,
  trainWorkBytes,
  withLayers,
} from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { refuseTooMany } from './refuse-too-many.ts';

/** Share of the layers that stay where the recipe names no number, as in the job. */
const SHARE = 0.25;

/** A model and rows in, a smaller model with the same vocabulary out that says much of what the model says. */
export const draft = defineStage({
  name: 'draft',
  version: 1,
  inputs: { model: 'model', rows: 'rows' },
  output: 'model',
  options: JOBS.draft,
  cacheInputs: ['engine'],
  refuses: ['TOO_FEW_LAYERS', 'MODEL_UNSUPPORTED', 'NO_GAIN'],
  resumable: true,
  workload: ({ layers, ...loop }, { rows, model: given }) => {
    const model = modelOf(given);
    if (isKnown(model)) refuseTooMany(layers, model.layers);
    const smaller = withLayers(model, layers ?? Math.max(1, Math.round(SHARE * model.layers)));
    return {
      items: trainingSteps(rows?.items ?? 0, loop),
      unit: 'steps',
      fixedSeconds: 2 + 2 * loadSeconds(model),
      // The whole model reads each row, and a tenth is for the validations.
      secondsPerItem:
        1.1 * loop.batchTokens * (trainSeconds(smaller, 0) + torchReadSeconds(model, ROW_TOKENS) / ROW_TOKENS),
      bytes: modelBytes(smaller),
      workBytes: trainWorkBytes(smaller, rows?.items ?? 0, 0, loop),
      memory: { engine: trainBytes(smaller, passTokens(loop), 0) + engineBytes(model, 1) },
      model: smaller,
    };
  },
  sample: (options, items) => ({ ...options, maxSteps: Math.min(options.maxSteps ?? items, items) }),
  async run(context) {
    const model = context.input('model');
    const facts = await context.runJob('draft', {
      model: model.folder,
      rows: context.input('rows').path('train.jsonl'),
      validation: context.input('rows').path('validation.jsonl'),
    });
    return { gates: [], facts: { ...facts, licence: model.manifest.facts.licence ?? 'unknown' } };
  },
});
