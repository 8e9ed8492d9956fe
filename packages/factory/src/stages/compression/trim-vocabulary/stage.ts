import { engineBytes, loadSeconds, modelBytes, modelOf, ROW_TOKENS, torchReadSeconds } from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { TrimVocabularyStageOptions } from './options.ts';
import { TRIM_GATES, TrimProof, trimGates } from './trim-gates.ts';

/** Seconds to tokenize a row, and to find out what merging up to a token goes through (measured: SmolLM2). */
const ROW_SECONDS = 3e-4;
const TOKEN_SECONDS = 1e-4;

/** Bytes for each token of the vocabulary: logits of 512 positions in f32, their log-softmax and a copy. */
const PROOF_BYTES = 3 * 4 * 512;

/** A model and rows in, the model without the tokens that the rows do not need out. */
export const trimVocabulary = defineStage({
  name: 'trim-vocabulary',
  version: 1,
  inputs: { model: 'model', rows: 'rows' },
  output: 'model',
  options: TrimVocabularyStageOptions,
  cacheInputs: ['engine'],
  resumable: false,
  gateNames: () => TRIM_GATES,
  workload: ({ rows, proofRows, size }, { model: given }) => {
    const model = modelOf(given);
    // How many tokens coverage asks for is not known before they are counted.
    const vocabularySize = Math.min(model.vocabularySize, size ?? model.vocabularySize);
    const smaller = {
      ...model,
      vocabularySize,
      parameters: model.parameters - (model.vocabularySize - vocabularySize) * model.hiddenSize,
    };
    return {
      items: rows,
      unit: 'rows',
      fixedSeconds:
        0.5 +
        3 * loadSeconds(model) +
        TOKEN_SECONDS * model.vocabularySize +
        2 * proofRows * torchReadSeconds(model, ROW_TOKENS),
      secondsPerItem: ROW_SECONDS,
      bytes: modelBytes(smaller),
      memory: { engine: engineBytes(model, 2) + PROOF_BYTES * model.vocabularySize },
      model: smaller,
    };
  },
  sample: (options, items) => ({ ...options, rows: Math.min(options.rows, items) }),
  async run(context) {
    const { bitsPerByte: _, ...options } = context.options;
    const [model, rows] = [context.input('model'), context.input('rows')];
    const inputs = { model: model.folder, rows: rows.path('train.jsonl'), heldOut: rows.path('validation.jsonl') };
    const facts = await context.runJob('trim-vocabulary', inputs, options);
    return {
      gates: trimGates(TrimProof.parse(facts), context.options),
      facts: { ...facts, licence: model.manifest.facts.licence ?? 'unknown' },
    };
  },
});
