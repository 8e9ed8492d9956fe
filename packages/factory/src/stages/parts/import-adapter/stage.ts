import { ImportAdapterOptions } from '@cogumi/contracts';
import { adapterBytes, engineBytes, loadSeconds, modelOf } from '../../costs.ts';
import { defineStage } from '../../stage.ts';

/** Rank that a plan assumes: the folder says it, and only the engine reads it (chosen). */
const USUAL_RANK = 16;

/** An adapter that somebody trained elsewhere, checked against the served base: its layers, shapes, rank and kind. */
export const importAdapter = defineStage({
  name: 'import-adapter',
  version: 1,
  inputs: { model: 'model' },
  output: 'adapter',
  options: ImportAdapterOptions,
  cacheInputs: ['engine'],
  resumable: false,
  workload: (_options, { model: base }) => {
    const model = modelOf(base);
    return {
      items: 1,
      unit: 'adapters',
      fixedSeconds: 1 + loadSeconds(model),
      secondsPerItem: 0,
      bytes: adapterBytes(model, USUAL_RANK, 32),
      memory: { engine: engineBytes(model, 1) },
      model,
    };
  },
  async run({ input, sources, runJob }) {
    const facts = await runJob('import-adapter', {
      model: input('model').folder,
      adapter: sources.adapter as string,
    });
    return { gates: [], facts };
  },
});
