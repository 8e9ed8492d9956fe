import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, MEDIA } from '@cogumi/contracts';
import { copyBlob, readBundle, readLayer } from '@cogumi/runtime/bundle';
import { modelOf } from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { InheritOptions } from './options.ts';

/** Layers of text, and the file that each becomes. */
const TEXTS = [
  [MEDIA.evidence, 'evidence.json'],
  [MEDIA.prompts, 'prompts.jsonl'],
  [MEDIA.heldOut, 'held-out.jsonl'],
] as const;

/** A bundle in, its base out as a file that is served, with the adapters, the evidence and the router's prompts beside it. */
export const inherit = defineStage({
  name: 'inherit',
  version: 1,
  inputs: {},
  output: 'gguf',
  options: InheritOptions,
  cacheInputs: [],
  resumable: false,
  workload: (_options, _inputs, { bundle }) => {
    const bytes = bundle?.bytes ?? 0;
    // Every byte is hashed twice and written once, at 0.5 GB/s each (measured for `bundle`).
    const fixedSeconds = 0.2 + (3 * bytes) / 0.5e9;
    return { items: 1, unit: 'bundles', fixedSeconds, secondsPerItem: 0, bytes, model: modelOf(bundle) };
  },
  async run({ sources, options, output, signal }) {
    const bundle = await readBundle(sources.bundle as string, signal);
    if (bundle.digest !== options.digest) {
      throw new CogumiError(
        'SOURCE_CHANGED',
        `${bundle.path} changed after the plan: its digest was ${options.digest}, now it is ${bundle.digest}.`,
        'Run the same command again when nobody writes to it any more.',
      );
    }
    const { config } = bundle;
    await copyBlob(bundle, config.base.digest, join(output, 'model.gguf'), signal);
    await mkdir(join(output, 'modifiers'));
    for (const { name, digest } of config.modifiers)
      await copyBlob(bundle, digest, join(output, 'modifiers', `${name}.gguf`), signal);
    for (const [mediaType, file] of TEXTS) {
      const text = await readLayer(bundle, mediaType);
      if (text !== null) await writeFile(join(output, file), text);
    }
    const readings = bundle.manifest.layers.find(({ mediaType }) => mediaType === MEDIA.readings);
    if (readings) await copyBlob(bundle, readings.digest, join(output, 'readings.safetensors'), signal);
    await writeFile(join(output, 'config.json'), `${JSON.stringify(config, null, 1)}\n`);
    const { parameters, quantization } = config.base;
    return { gates: [], facts: { bundle: bundle.digest, name: config.name, parameters, type: quantization } };
  },
});
