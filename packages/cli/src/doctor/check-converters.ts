import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { llamaSourcePath } from '@cogumi/factory';
import { type Check, check } from './check.ts';

/** Checks the pinned source of llama.cpp, which contains the converters that the engine runs. */
export function checkConverters(environment: NodeJS.ProcessEnv = process.env): Check {
  const folder = llamaSourcePath(environment);
  return existsSync(join(folder, 'convert_hf_to_gguf.py'))
    ? check('converters', 'ok', "llama.cpp's, pinned")
    : check('converters', 'fail', `not in ${folder}`, 'Run `npm run setup`. Serving does not need them.');
}
