import { open } from 'node:fs/promises';
import { readTarEntries, type TarEntry } from './tar-entries.ts';

/** Where the blobs of a bundle lie, the largest first, from the headers of the file alone: no hash is checked. @throws BundleError. */
export async function listBlobs(path: string): Promise<TarEntry[]> {
  const file = await open(path, 'r');
  try {
    const entries = await readTarEntries(file, (await file.stat()).size, path);
    return entries.filter(({ name }) => name.startsWith('blobs/')).sort((left, right) => right.size - left.size);
  } finally {
    await file.close();
  }
}
