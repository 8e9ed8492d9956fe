import { DequantizeOptions } from '@cogumi/contracts';
import { dequantizeSeconds, engineBytes, modelBytes, modelOf } from '../../costs.ts';
import { defineStage } from '../../stage.ts';

/** Turns quantized weights back into bf16 tensors: adapters train on the weights they will be served with. */
export const dequantize = defineStage({
  name: 'dequantize',
  version: 2,
  inputs: { gguf: 'gguf', model: 'model' },
  output: 'model',
  options: DequantizeOptions,
  cacheInputs: ['engine', 'llama'],
  resumable: false,
  workload: (_options, { model: given }) => {
    const model = modelOf(given);
    return {
      items: 1,
      unit: 'models',
      fixedSeconds: dequantizeSeconds(model),
      secondsPerItem: 0,
      bytes: modelBytes({ ...model, bits: 16 }),
      memory: { engine: engineBytes(model, 2.5) },
      model: { ...model, bits: 16 },
    };
  },
  async run(context) {
    const gguf = context.input('gguf');
    const facts = await context.runJob('dequantize', {
      gguf: gguf.path('model.gguf'),
      model: context.input('model').folder,
    });
    return { gates: [], facts: { ...facts, base: gguf.digest('model.gguf') } };
  },
});
