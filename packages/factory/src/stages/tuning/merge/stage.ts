import {
  engineBytes,
  loadSeconds,
  modelBytes,
  modelOf,
  ROW_TOKENS,
  tokenizerSeconds,
  torchReadSeconds,
} from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { MergeProof, mergeGates } from './merge-gates.ts';
import { MergeStageOptions } from './options.ts';
import { ProseProof, proseGate } from './prose-gate.ts';

/** Merges an adapter into its base and proves that the result equals base + adapter and differs from the base. */
export const merge = defineStage({
  name: 'merge',
  version: 7,
  inputs: { model: 'model', adapter: 'adapter', rows: 'rows', 'strength?': 'strength' },
  output: 'model',
  options: MergeStageOptions,
  cacheInputs: ['engine'],
  resumable: false,
  gateNames: ({ prose }) => [
    ...['merged-equals-adapter', 'rounding-only', 'adapter-alive'],
    ...(prose === null ? [] : ['prose-perplexity']),
  ],
  workload: ({ proofRows, prose, proseTokens }, { model: base }) => {
    const model = modelOf(base);
    return {
      items: proofRows,
      unit: 'rows',
      // Loaded twice, merged, written; the proof reads its rows six times, and the prose twice.
      fixedSeconds:
        0.5 +
        4 * loadSeconds(model) +
        tokenizerSeconds(model) +
        (prose === null ? 0 : 2 * torchReadSeconds(model, proseTokens)),
      secondsPerItem: 6 * torchReadSeconds(model, ROW_TOKENS),
      bytes: modelBytes(model),
      memory: { engine: engineBytes(model, 3) },
      model,
    };
  },
  async run(context) {
    const { tolerance, prose, prosePerplexity, ...options } = context.options;
    const inputs = {
      model: context.input('model').folder,
      adapter: context.input('adapter').folder,
      rows: context.input('rows').path('validation.jsonl'),
      ...(prose !== null && { prose: context.sources.prose as string }),
    };
    const chosen = context.optionalInput('strength')?.manifest.facts.strength as number | undefined;
    const facts = await context.runJob('merge', inputs, { ...options, strength: chosen ?? options.strength });
    return {
      gates: [
        ...mergeGates(MergeProof.parse(facts), tolerance),
        ...(prose === null ? [] : [proseGate(ProseProof.parse(facts), prosePerplexity)]),
      ],
      facts: {
        ...facts,
        ...(chosen !== undefined && { strength: chosen }),
        licence: context.input('model').manifest.facts.licence ?? 'unknown',
      },
    };
  },
});
