import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stories260k } from './stories260k.ts';

/** Creates a temporary folder with the model in it, for one test file. */
export async function storiesFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'llama-'));
  const write = async (name: string, bytes: Buffer) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  return { modelPath: await write('model.gguf', stories260k()), write, remove: () => rm(folder, { recursive: true }) };
}
