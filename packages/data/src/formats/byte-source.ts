import { type FileHandle, open, stat } from 'node:fs/promises';
import { CogumiError } from '@cogumi/contracts';

/** Random access to bytes: a local file, or one behind HTTP. */
export interface ByteSource {
  /** Name in messages: a path, or a location on the Hub. Its extension identifies CSV and TSV. */
  readonly name: string;
  readonly byteLength: number;
  /**
   * Bytes `start` to `end` (excluded).
   *
   * @throws DamagedFile if there are fewer.
   */
  slice(start: number, end: number): Promise<Buffer>;
  close(): Promise<void>;
  /**
   * Checks that the file has not been written since it was opened.
   *
   * @throws CogumiError SOURCE_CHANGED if size, modification time or inode have changed.
   */
  refuseChange?(): Promise<void>;
}

/** The bytes violate the format. `readRecords` turns it into IMPORT_CORRUPT with the number of records read so far. */
export class DamagedFile extends Error {
  /** What to do if downloading the file again would not help; null otherwise. */
  readonly hint: string | null;

  constructor(message: string, { cause, hint = null }: { cause?: unknown; hint?: string | null } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

/** Opens a local file. */
export async function openFile(path: string): Promise<ByteSource> {
  const handle = await open(path);
  const before = await stateOf(handle);
  if (before.isDirectory()) {
    await handle.close();
    throw new CogumiError('SOURCE_FOLDER', `${path} is a folder, and a source is a file.`, 'Name the files in it.');
  }
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
      // Compares the path too: another file may have replaced it.
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
    throw changed(file, `it does not exist any more (${cause.code})`);
  });
}

function changed(path: string, how: string): CogumiError {
  return new CogumiError(
    'SOURCE_CHANGED',
    `${path} changed while it was read: ${how}. Nothing of it is used.`,
    'Wait until the program that writes the file has finished, and run the same command.',
  );
}
