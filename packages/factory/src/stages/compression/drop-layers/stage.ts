import { CogumiError, EXIT, JOBS } from '@cogumi/contracts';
import {
  engineBytes,
  isKnown,
  loadSeconds,
  modelBytes,
  modelOf,
  ROW_TOKENS,
  torchReadSeconds,
  withLayers,
} from '../../costs.ts';
import { defineStage } from '../../stage.ts';

/** A model and rows in, the model without its least influential layers out. */
export const dropLayers = defineStage({
  name: 'drop-layers',
  version: 1,
  inputs: { model: 'model', rows: 'rows' },
  output: 'model',
  options: JOBS['drop-layers'],
  cacheInputs: ['engine'],
  refuses: ['TOO_FEW_LAYERS', 'MODEL_UNSUPPORTED'],
  resumable: false,
  workload: ({ calibrationRows, layers }, { model: given }) => {
    const model = modelOf(given);
    if (isKnown(model)) refuseTooMany(layers, model.layers);
    const smaller = withLayers(model, Math.max(0, model.layers - layers));
    return {
      items: calibrationRows,
      unit: 'rows',
      fixedSeconds: 0.5 + 3 * loadSeconds(model),
      secondsPerItem: torchReadSeconds(model, ROW_TOKENS),
      bytes: modelBytes(smaller),
      memory: { engine: engineBytes(model, 2) },
      model: smaller,
    };
  },
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

/** @throws CogumiError TOO_FEW_LAYERS: the plan knows it, and the job would find out only after the training. */
function refuseTooMany(dropped: number, layers: number): void {
  if (dropped < layers) return;
  throw new CogumiError(
    'TOO_FEW_LAYERS',
    `\`dropLayers.layers\` is ${dropped}, and the model has ${layers} ${layers === 1 ? 'layer' : 'layers'}: at least one has to stay.`,
    layers === 1 ? 'Leave `dropLayers` out of the recipe.' : `Set it to at most ${layers - 1}.`,
    { exitCode: EXIT.usage },
  );
}
