import { ExportAdapterOptions } from '@cogumi/contracts';
import { defineStage } from '../../stage/stage.ts';

/** A PEFT adapter in, the same adapter as GGUF out, by llama.cpp's own converter. */
export const exportAdapterStage = defineStage({
  name: 'export-adapter',
  version: 1,
  inputs: { model: 'model', adapter: 'adapter' },
  output: 'gguf-adapter',
  options: ExportAdapterOptions,
  engine: true,
  resumable: false,
  workload: () => ({ items: 1, unit: 'adapters', fixedSeconds: 3, secondsPerItem: 0, bytes: 2e6, money: 0 }),
  async run(context) {
    const facts = await context.runJob('export-adapter', {
      model: context.input('model').folder,
      adapter: context.input('adapter').folder,
    });
    return { gates: [], facts: { ...facts, rank: context.input('adapter').manifest.facts.rank ?? null } };
  },
});
