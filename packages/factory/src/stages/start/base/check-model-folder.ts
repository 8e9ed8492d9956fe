import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { openFile } from '@cogumi/data/formats';
import { type CheckedModel, checkModel } from './check-model.ts';

/**
 * Checks a Hugging Face model folder without loading weights.
 *
 * @param names - Files of it that count; default: all.
 * @throws CogumiError as `checkModel`; QUANTIZED_BASE for a GGUF file.
 */
export async function checkModelFolder(folder: string, names?: readonly string[]): Promise<CheckedModel> {
  if (folder.endsWith('.gguf')) {
    throw new CogumiError(
      'QUANTIZED_BASE',
      `${folder} is a GGUF file, and \`base.from\` is full-precision.`,
      'Give the folder with the full-precision weights. Or set `base.from: dequantized` to train on what the file holds.',
      { exitCode: EXIT.usage },
    );
  }
  const files = names ?? (await readdir(folder).catch(() => null));
  if (files === null) {
    throw new CogumiError(
      'MODEL_NOT_FOUND',
      `${folder} is not a folder.`,
      'Give a folder in Hugging Face form: config.json, *.safetensors, tokenizer.json.',
      { exitCode: EXIT.usage },
    );
  }
  return checkModel({ name: folder, files, open: (file) => openFile(join(folder, file)) });
}
