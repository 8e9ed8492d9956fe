import { ExportAdapterOptions } from '@cogumi/contracts';
import { engineBytes, modelOf, quantizedSize } from '../../costs.ts';
import { defineStage } from '../../stage.ts';

/** Converts a PEFT adapter to GGUF with llama.cpp's converter. */
export const exportAdapterStage = defineStage({
  name: 'export-adapter',
  version: 3,
  inputs: { model: 'model', adapter: 'adapter' },
  output: 'gguf-adapter',
  options: ExportAdapterOptions,
  cacheInputs: ['engine', 'llama'],
  resumable: false,
  workload: ({ type }, { model: base, adapter }) => {
    const model = modelOf(base);
    return {
      items: 1,
      unit: 'adapters',
      fixedSeconds: 0.2 + model.parameters / 200e6,
      secondsPerItem: 0,
      // The file of training has 32 bits a weight.
      bytes: ((adapter?.bytes ?? 0) * quantizedSize(model, type === 'q8_0' ? 'Q8_0' : type).bits) / 32,
      memory: { engine: engineBytes(model, 0.5) },
      model,
    };
  },
  async run(context) {
    const model = context.input('model');
    const adapter = context.input('adapter');
    const { rank = null } = adapter.manifest.facts;
    // Digest of the GGUF file that the adapter was trained on: `bundle` and `serve` refuse any other base.
    const { base = null } = model.manifest.facts;
    const inputs = { model: model.folder, adapter: adapter.folder };
    const facts = await context.runJob('export-adapter', inputs, { ...context.options, base });
    return { gates: [], facts: { ...facts, rank, base } };
  },
});
