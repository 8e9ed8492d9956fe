import { rename, writeFile } from 'node:fs/promises';

/** Writes a file that others find whole: what was there before, or all of the new text. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
