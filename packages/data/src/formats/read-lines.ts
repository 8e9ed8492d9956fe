import { openFile } from './byte-source.ts';
import { readChunks } from './read-chunks.ts';
import { createLineSplitter, type Line } from './split-lines.ts';

/** Lines of a file of this machine, many at a time: one by one costs more than to read them. */
export async function* readLines(path: string): AsyncGenerator<Line[]> {
  const file = await openFile(path);
  const splitter = createLineSplitter();
  try {
    for await (const chunk of readChunks(file)) yield splitter.push(chunk);
    yield splitter.end();
  } finally {
    await file.close();
  }
}
