import { JOBS } from '@cogumi/contracts';
import { defineStage } from '../../stage.ts';

/** A model and rows in, the model without its least influential layers out. */
export const dropLayers = defineStage({
  name: 'drop-layers',
  version: 1,
  inputs: { model: 'model', rows: 'rows' },
  output: 'model',
  options: JOBS['drop-layers'],
  cacheInputs: ['engine'],
  resumable: false,
  workload: ({ calibrationRows }) => ({
    items: calibrationRows,
    unit: 'rows',
    fixedSeconds: 1,
    secondsPerItem: 0.02,
    bytes: 8e6,
  }),
  sample: (options, items) => ({ ...options, calibrationRows: Math.min(options.calibrationRows, items) }),
  async run(context) {
    const model = context.input('model');
    const facts = await context.runJob('drop-layers', {
      model: model.folder,
      rows: context.input('rows').path('train.jsonl'),
    });
    return { gates: [], facts: { ...facts, licence: model.manifest.facts.licence ?? 'unknown' } };
  },
});
