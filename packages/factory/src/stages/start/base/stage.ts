import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { addChatTemplate } from '../../add-chat-template.ts';
import { modelBytes } from '../../costs.ts';
import { ModelSourceOptions } from '../../model-source-options.ts';
import { defineStage } from '../../stage.ts';
import { checkModelFolder } from './check-model-folder.ts';

/** Copies a model folder into the store after checking that it is complete and in full precision. */
export const base = defineStage({
  name: 'base',
  version: 3,
  inputs: {},
  output: 'model',
  options: ModelSourceOptions,
  cacheInputs: [],
  resumable: false,
  workload: (_options, _inputs, { model }) => {
    const size = model?.model;
    return {
      items: 1,
      unit: 'models',
      // Files are copied at 0.5 GB/s (measured).
      fixedSeconds: 0.2 + (size ? modelBytes(size) / 0.5e9 : 0),
      secondsPerItem: 0,
      bytes: size ? modelBytes(size) : 0,
      model: size,
    };
  },
  async run({ sources, output, options }) {
    const folder = sources.model as string;
    const facts = await checkModelFolder(folder);
    for (const file of facts.files) {
      // The Hugging Face cache consists of symbolic links.
      await cp(join(folder, file), join(output, file), { dereference: true });
    }
    await addChatTemplate(output, options.chatTemplate);
    return {
      gates: [],
      facts: { parameters: facts.parameters, architecture: facts.architecture, licence: options.licence },
    };
  },
});
