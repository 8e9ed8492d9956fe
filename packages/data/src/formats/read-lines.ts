import { openFile } from './byte-source.ts';
import { readChunks } from './read-chunks.ts';
import { createLineSplitter, type Line } from './split-lines.ts';

/** Reads the lines of a local file in groups: yielding them one by one costs more than reading them. */
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
