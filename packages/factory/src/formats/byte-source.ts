import { open } from 'node:fs/promises';

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
}

/** Bytes are not what the format promises. Readers of records turn it into IMPORT_CORRUPT with what they read so far. */
export class DamagedFile extends Error {}

/** A file of this machine. */
export async function openFile(path: string): Promise<ByteSource> {
  const handle = await open(path);
  const byteLength = (await handle.stat()).size;
  return {
    name: path,
    byteLength,
    slice: async (start, end) => {
      const bytes = Buffer.allocUnsafe(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw new DamagedFile(`it ends at byte ${start + filled} while it is read`);
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
