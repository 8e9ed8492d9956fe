import { copyFile, link } from 'node:fs/promises';

/** Gives a file that never changes a second name, or copies it where the file system cannot do that. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
