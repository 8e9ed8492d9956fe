import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { addChatTemplate } from '../../add-chat-template.ts';
import { modelBytes } from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { checkModel } from './check-model.ts';
import { checkModelFolder } from './check-model-folder.ts';
import { DOWNLOAD_BYTES_A_SECOND, fetchModel } from './fetch-model.ts';
import { BaseStageOptions } from './options.ts';

/** Copies a model, of a folder or of the hub, into the store after checking that it is complete and in full precision. */
export const base = defineStage({
  name: 'base',
  version: 3,
  inputs: {},
  output: 'model',
  options: BaseStageOptions,
  cacheInputs: [],
  // Downloads resume in the cache of the hub.
  resumable: false,
  workload: (_options, _inputs, { model }) => {
    const size = model?.model;
    const downloadBytes = model?.downloadBytes ?? 0;
    return {
      items: 1,
      unit: 'models',
      // Files are copied at 0.5 GB/s (measured).
      fixedSeconds: 0.2 + (size ? modelBytes(size) / 0.5e9 : 0) + downloadBytes / DOWNLOAD_BYTES_A_SECOND,
      secondsPerItem: 0,
      bytes: size ? modelBytes(size) : 0,
      downloadBytes,
      model: size,
    };
  },
  async run({ sources, output, options, signal, progress }) {
    const { hub, licence, chatTemplate } = options;
    const model = hub ? await fetchModel(hub, { signal, progress }) : null;
    const checked = model ? await checkModel(model) : await checkModelFolder(sources.model as string);
    for (const file of checked.files) {
      // The Hugging Face cache consists of symbolic links.
      await cp(model ? model.path(file) : join(sources.model as string, file), join(output, file), {
        dereference: true,
      });
    }
    await addChatTemplate(output, chatTemplate);
    const { parameters, architecture } = checked;
    const origin = hub ? { hub: hub.id, commit: hub.commit } : {};
    return { gates: [], facts: { parameters, architecture, licence, ...origin } };
  },
});
