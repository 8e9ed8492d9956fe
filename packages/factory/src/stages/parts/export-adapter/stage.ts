import { ExportAdapterOptions } from '@cogumi/contracts';
import { defineStage } from '../../stage.ts';

/** Converts a PEFT adapter to GGUF with llama.cpp's converter. */
export const exportAdapterStage = defineStage({
  name: 'export-adapter',
  version: 2,
  inputs: { model: 'model', adapter: 'adapter' },
  output: 'gguf-adapter',
  options: ExportAdapterOptions,
  cacheInputs: ['engine', 'llama'],
  resumable: false,
  workload: () => ({ items: 1, unit: 'adapters', fixedSeconds: 0.2, secondsPerItem: 0, bytes: 2e6 }),
  async run(context) {
    const model = context.input('model');
    const adapter = context.input('adapter');
    const facts = await context.runJob('export-adapter', { model: model.folder, adapter: adapter.folder });
    const { rank = null } = adapter.manifest.facts;
    // Digest of the GGUF file that the adapter was trained on: `bundle` refuses any other base.
    const { base = null } = model.manifest.facts;
    return { gates: [], facts: { ...facts, rank, base } };
  },
});
