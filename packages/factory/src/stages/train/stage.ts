import { defineStage } from '../../stage/stage.ts';
import { TrainOptions } from './options.ts';

/** A frozen full-precision model and rows in, a LoRA adapter that answers like the rows out. */
export const train = defineStage({
  name: 'train',
  version: 1,
  inputs: { model: 'model', rows: 'rows' },
  output: 'adapter',
  options: TrainOptions,
  engine: true,
  resumable: true,
  workload: ({ maxSteps, epochs }) => ({
    items: maxSteps ?? Math.ceil(epochs * 60),
    unit: 'steps',
    fixedSeconds: 3,
    secondsPerItem: 1.5,
    bytes: 4e6,
    money: 0,
  }),
  async run(context) {
    const facts = await context.runJob('train', {
      model: context.input('model').folder,
      rows: context.input('rows').path('train.jsonl'),
      validation: context.input('rows').path('validation.jsonl'),
    });
    return { gates: [], facts };
  },
});
