import { type FileHandle, open, stat } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';

/** Bytes that can be read at any place: a file here, or one behind HTTP. */
export interface ByteSource {
  /** What messages call it: a path, or a place on the hub. Its ending tells CSV and TSV apart from the rest. */
  readonly name: string;
  readonly byteLength: number;
  /**
   * Bytes `start` to `end` (excluded).
   *
   * @throws DamagedFile where fewer can be had.
   */
  slice(start: number, end: number): Promise<Buffer>;
  close(): Promise<void>;
  /**
   * Of a file that can be written while it is read.
   *
   * @throws CogumiError SOURCE_CHANGED when size, time of writing or inode are not those of when it was opened.
   */
  refuseChange?(): Promise<void>;
}

/** Bytes are not what the format promises. Readers of records turn it into IMPORT_CORRUPT with what they read so far. */
export class DamagedFile extends Error {
  /** What to do, where fetching the file again would not help; null elsewhere. */
  readonly hint: string | null;

  constructor(message: string, { cause, hint = null }: { cause?: unknown; hint?: string | null } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

/** A file of this machine. */
export async function openFile(path: string): Promise<ByteSource> {
  const handle = await open(path);
  const before = await stateOf(handle);
  const byteLength = Number(before.size);
  return {
    name: path,
    byteLength,
    slice: async (start, end) => {
      if (end > byteLength) throw new DamagedFile(`it points at byte ${end} and has ${byteLength}`);
      const bytes = Buffer.allocUnsafe(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw changed(path, `it had ${byteLength} bytes and ends at byte ${start + filled} now`);
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
    refuseChange: async () => {
      // By its path too: another file may lie there by now.
      for (const now of [await stateOf(handle), await stateOf(path)]) {
        if (now.size !== before.size) throw changed(path, `it had ${before.size} bytes and has ${now.size} now`);
        if (now.ino !== before.ino) throw changed(path, 'another file lies in its place now');
        if (now.mtimeNs !== before.mtimeNs) throw changed(path, `it was written at ${now.mtime.toISOString()}`);
      }
    },
  };
}

async function stateOf(file: FileHandle | string) {
  if (typeof file !== 'string') return file.stat({ bigint: true });
  return stat(file, { bigint: true }).catch((cause: NodeJS.ErrnoException) => {
    throw changed(file, `it cannot be found any more (${cause.code})`);
  });
}

function changed(path: string, how: string): CogumiError {
  return new CogumiError(
    'SOURCE_CHANGED',
    `${path} changed while it was read: ${how}. Nothing of it is kept.`,
    'Wait until whatever writes the file has ended, and run the same command.',
  );
}
