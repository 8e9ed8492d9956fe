import { type ByteSource, openFile } from '../formats/byte-source.ts';
import { readRecords } from '../formats/read-records.ts';
import { downloadFile } from '../hub/download-file.ts';
import type { Hub } from '../hub/hub.ts';
import { openRemote } from '../hub/open-remote.ts';
import type { PlacedRecord } from './import-source.ts';
import type { ImportSource } from './options.ts';

/** One file of a source; it is opened when it is read. */
interface SourceFile {
  /** Name in rejected.jsonl: its path in the dataset, or its file name. */
  readonly name: string;
  /** @param onFetched - Called with the bytes downloaded so far; not called for a file that is read in place. */
  open(signal: AbortSignal, onFetched: FetchedBytes): Promise<ByteSource>;
}

type FetchedBytes = (bytes: number, total: number) => void;

/** Progress of a source: bytes read of its files, or downloaded of one of them. */
export interface ReadingProgress {
  /** The file being downloaded and its progress; null while records are read. */
  readonly fetching: { readonly file: string; readonly bytes: number; readonly total: number } | null;
  readonly records: number;
  readonly doneBytes: number;
  /** Total size of the files opened so far. */
  readonly knownBytes: number;
}

/**
 * Lists the files of a source.
 *
 * @param path - Path of a local source.
 * @throws RangeError for a Hub source whose revision is not pinned: its content would depend on the time of the build.
 */
export function filesOf(source: ImportSource, path: string | undefined, hub: () => Promise<Hub>): SourceFile[] {
  const { hub: dataset, revision, files, stream } = source;
  if (dataset === undefined) {
    if (path === undefined) throw new RangeError('a local source was given without its path');
    return [{ name: source.path ?? path, open: () => openFile(path) }];
  }
  if (!/^[0-9a-f]{40}$/.test(revision) || !files) {
    throw new RangeError(`${dataset} at "${revision}" was not resolved to a commit and its files before the build`);
  }
  return files.map((name) => ({
    name,
    open: async (signal, onBytes) => {
      const file = { repository: { kind: 'dataset', id: dataset }, commit: revision, path: name } as const;
      return stream
        ? openRemote(await hub(), file, signal)
        : openFile(await downloadFile(await hub(), file, { signal, onBytes }));
    },
  }));
}

/** Records of all files, one file after the other. */
export async function* readFiles(
  files: readonly SourceFile[],
  signal: AbortSignal,
  onProgress: (progress: ReadingProgress) => void,
): AsyncGenerator<PlacedRecord> {
  let before = 0;
  let records = 0;
  for (const [index, { name, open }] of files.entries()) {
    const source = await open(signal, (bytes, total) =>
      onProgress({ fetching: { file: name, bytes, total }, records, doneBytes: before, knownBytes: before }),
    );
    const knownBytes = before + source.byteLength;
    try {
      const onBytes = (bytes: number) => onProgress({ fetching: null, records, doneBytes: before + bytes, knownBytes });
      for await (const record of readRecords(source, { signal, onBytes })) {
        records++;
        yield { ...record, file: name, fileNumber: index + 1 };
      }
      await source.refuseChange?.();
    } catch (cause) {
      // What looks like damage may be a file that was replaced while it was read.
      await source.refuseChange?.();
      throw cause;
    } finally {
      await source.close();
    }
    before = knownBytes;
  }
}
