import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addChatTemplate } from '../../add-chat-template.ts';
import { modelBytes } from '../../costs.ts';
import { licenceOfCard, settleLicence } from '../../licence.ts';
import { setThinking } from '../../set-thinking.ts';
import { defineStage, downloadBytesOf } from '../../stage.ts';
import { checkModelFolder } from './check-model-folder.ts';
import { DOWNLOAD_BYTES_A_SECOND, fetchModel } from './fetch-model.ts';
import { BaseStageOptions } from './options.ts';
import { refuseNotFinite } from './refuse-not-finite.ts';

/** Of the model; names its licence. */
export const CARD = 'README.md';

/** Copies a model, of a folder or of the hub, into the store after checking that it is complete and in full precision. */
export const base = defineStage({
  name: 'base',
  version: 5,
  inputs: {},
  output: 'model',
  options: BaseStageOptions,
  cacheInputs: [],
  // Downloads resume in the cache of the hub.
  resumable: false,
  workload: (_options, _inputs, sizes) => {
    const size = sizes.model?.model;
    const downloadBytes = downloadBytesOf(sizes);
    return {
      items: 1,
      unit: 'models',
      // Weights are checked at 0.5 GB/s on a busy machine, and copied at 0.5 GB/s (measured).
      fixedSeconds: 0.2 + (size ? modelBytes(size) / 0.25e9 : 0) + downloadBytes / DOWNLOAD_BYTES_A_SECOND,
      secondsPerItem: 0,
      bytes: size ? modelBytes(size) : 0,
      downloadBytes,
      model: size,
    };
  },
  async run({ sources, output, options, signal, progress, warn }) {
    const { hub, chatTemplate, thinking } = options;
    const folder = hub ? await fetchModel(hub, { signal, progress }) : (sources.model as string);
    // What lies beside it in the cache may be another tool's.
    const checked = await checkModelFolder(folder, hub && Object.keys(hub.files));
    for (const file of checked.files) {
      if (file.endsWith('.safetensors')) await refuseNotFinite(join(folder, file), signal);
      // The Hugging Face cache consists of symbolic links.
      await cp(join(folder, file), join(output, file), { dereference: true });
    }
    await addChatTemplate(output, chatTemplate);
    await setThinking(output, thinking, warn);
    const card = await readFile(join(folder, CARD), 'utf8').catch(() => '');
    const licence = settleLicence(options.licence, licenceOfCard(card), { where: `${CARD} of the model`, warn });
    const { parameters, architecture } = checked;
    const origin = hub ? { hub: hub.id, commit: hub.commit } : {};
    return { gates: [], facts: { parameters, architecture, licence, ...origin } };
  },
});
