import { engineBytes, loadSeconds, modelBytes, modelOf, ROW_TOKENS, torchReadSeconds } from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { MergeProof, mergeGates } from './merge-gates.ts';
import { MergeStageOptions } from './options.ts';

/** Merges an adapter into its base and proves that the result equals base + adapter and differs from the base. */
export const merge = defineStage({
  name: 'merge',
  version: 6,
  inputs: { model: 'model', adapter: 'adapter', rows: 'rows' },
  output: 'model',
  options: MergeStageOptions,
  cacheInputs: ['engine'],
  resumable: false,
  gateNames: () => ['merged-equals-adapter', 'rounding-only', 'adapter-alive'],
  workload: ({ proofRows }, { model: base }) => {
    const model = modelOf(base);
    return {
      items: proofRows,
      unit: 'rows',
      // Loaded twice, merged, written; the proof reads its rows six times.
      fixedSeconds: 0.5 + 4 * loadSeconds(model),
      secondsPerItem: 6 * torchReadSeconds(model, ROW_TOKENS),
      bytes: modelBytes(model),
      memory: { engine: engineBytes(model, 3) },
      model,
    };
  },
  async run(context) {
    const { tolerance, ...options } = context.options;
    const inputs = {
      model: context.input('model').folder,
      adapter: context.input('adapter').folder,
      rows: context.input('rows').path('validation.jsonl'),
    };
    const facts = await context.runJob('merge', inputs, options);
    return {
      gates: mergeGates(MergeProof.parse(facts), tolerance),
      facts: { ...facts, licence: context.input('model').manifest.facts.licence ?? 'unknown' },
    };
  },
});
