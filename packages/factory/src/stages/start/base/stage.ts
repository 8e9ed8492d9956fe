import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { defineStage } from '../../stage.ts';
import { checkModelFolder } from './check-model-folder.ts';
import { BaseOptions } from './options.ts';

/** Copies a model folder into the store after checking that it is complete and in full precision. */
export const base = defineStage({
  name: 'base',
  version: 2,
  inputs: {},
  output: 'model',
  options: BaseOptions.omit({ path: true }) as z.ZodType<Omit<BaseOptions, 'path'>>,
  cacheInputs: [],
  resumable: false,
  workload: () => ({ items: 1, unit: 'models', fixedSeconds: 0.2, secondsPerItem: 0, bytes: 0 }),
  async run({ sources, output, options }) {
    const folder = sources.model as string;
    const facts = await checkModelFolder(folder);
    for (const file of facts.files) {
      // The Hugging Face cache consists of symbolic links.
      await cp(join(folder, file), join(output, file), { dereference: true });
    }
    return {
      gates: [],
      facts: { parameters: facts.parameters, architecture: facts.architecture, licence: options.licence },
    };
  },
});
