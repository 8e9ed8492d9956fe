import {
  embeddingTrainBytes,
  engineBytes,
  loadSeconds,
  modelBytes,
  modelOf,
  passTokens,
  ROW_TOKENS,
  torchReadSeconds,
  trainSeconds,
} from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { TrimVocabularyStageOptions } from './options.ts';
import { TRIM_GATES, TrimProof, trimGates } from './trim-gates.ts';

/** Seconds to tokenize a row, and to find out what merging up to a token goes through (measured: SmolLM2). */
const ROW_SECONDS = 3e-4;
const TOKEN_SECONDS = 1e-4;

/** Bytes for each token of the vocabulary: logits of 512 positions in f32, their log-softmax and a copy. */
const PROOF_BYTES = 3 * 4 * 512;

/** A model and rows in, the model without the tokens that the rows do not need out, its embeddings tuned on the rows. */
export const trimVocabulary = defineStage({
  name: 'trim-vocabulary',
  version: 3,
  inputs: { model: 'model', rows: 'rows' },
  output: 'model',
  options: TrimVocabularyStageOptions,
  cacheInputs: ['engine'],
  refuses: ['TOKENIZER_UNKNOWN', 'MODEL_UNSUPPORTED', 'VOCABULARY_TOO_SMALL', 'ROWS_EMPTY'],
  resumable: true,
  gateNames: () => TRIM_GATES,
  workload: ({ rows, proofRows, size, tuneSteps, ...loop }, { model: given }) => {
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
        (size === null ? 7 : 3) * proofRows * torchReadSeconds(model, ROW_TOKENS) +
        tuneSteps * loop.batchTokens * trainSeconds(smaller, 0),
      secondsPerItem: ROW_SECONDS,
      bytes: modelBytes(smaller),
      // A checkpoint beside the one before it: the embedding and what Adam keeps for it.
      workBytes: tuneSteps > 0 ? 2 * 3 * 4 * smaller.hiddenSize * smaller.vocabularySize : 0,
      memory: {
        engine: Math.max(
          engineBytes(model, 2) + PROOF_BYTES * model.vocabularySize,
          tuneSteps > 0 ? embeddingTrainBytes(smaller, passTokens(loop)) : 0,
        ),
      },
      model: smaller,
    };
  },
  sample: (options, items) => ({
    ...options,
    rows: Math.min(options.rows, items),
    tuneSteps: Math.min(options.tuneSteps, items),
  }),
  async run(context) {
    const [model, rows] = [context.input('model'), context.input('rows')];
    const inputs = { model: model.folder, rows: rows.path('train.jsonl'), heldOut: rows.path('validation.jsonl') };
    const facts = await context.runJob('trim-vocabulary', inputs);
    return {
      gates: trimGates(TrimProof.parse(facts), context.options),
      facts: { ...facts, licence: model.manifest.facts.licence ?? 'unknown' },
    };
  },
});
