import { defineStage } from '../../stage.ts';
import { MergeStageOptions } from './options.ts';

/** A model and its adapter in, one model out, proven equal to the two and different from the first. */
export const merge = defineStage({
  name: 'merge',
  version: 3,
  inputs: { model: 'model', adapter: 'adapter', rows: 'rows' },
  output: 'model',
  options: MergeStageOptions,
  cacheInputs: ['engine'],
  resumable: false,
  workload: () => ({ items: 1, unit: 'models', fixedSeconds: 1.2, secondsPerItem: 0, bytes: 8e6 }),
  async run(context) {
    const { tolerance, floor, ...options } = context.options;
    const inputs = {
      model: context.input('model').folder,
      adapter: context.input('adapter').folder,
      rows: context.input('rows').path('validation.jsonl'),
    };
    const facts = await context.runJob('merge', inputs, options);
    const difference = Number(facts.maxAbsoluteDifference);
    const fromBase = Number(facts.differenceFromBase);
    return {
      gates: [
        {
          name: 'merged-equals-adapter',
          criterion: 'No logit of the merged model differs from base + adapter by more than the tolerance',
          bound: 'at-most',
          threshold: tolerance,
          measured: difference,
          interval: null,
          unit: 'logits',
          evidence: 'proof.json, merged model read back from disk',
          verdict: difference <= tolerance ? 'pass' : 'fail',
          advice: 'Is the base in float16? Merge into bf16 or f32 weights.',
        },
        {
          name: 'adapter-alive',
          criterion: 'The merged model differs from the base by at least the floor',
          bound: 'at-least',
          threshold: floor,
          measured: fromBase,
          interval: null,
          unit: 'logits, mean absolute',
          evidence: 'proof.json',
          verdict: fromBase >= floor ? 'pass' : 'fail',
          advice: 'The adapter changes nothing: raise train.learningRate or look at the training loss.',
        },
      ],
      facts: { ...facts, licence: context.input('model').manifest.facts.licence ?? 'unknown' },
    };
  },
});
