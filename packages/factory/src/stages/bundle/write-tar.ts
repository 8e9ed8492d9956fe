import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

const BLOCK = 512;

export interface TarEntry {
  readonly name: string;
  readonly bytes: number;
  readonly content: Buffer | { readonly path: string };
}

/**
 * Writes a tar archive (ustar) in which nothing but names and contents varies: no times, owners or modes of this machine.
 * Names are at most 100 bytes and sizes below 8 GiB each, which the plain format holds.
 */
export async function writeTar(handle: FileHandle, entries: readonly TarEntry[]): Promise<void> {
  for (const { name, bytes, content } of entries) {
    await handle.write(header(name, bytes));
    if (Buffer.isBuffer(content)) await handle.write(content);
    else for await (const chunk of createReadStream(content.path, { highWaterMark: 1 << 20 })) await handle.write(chunk as Buffer);
    await handle.write(Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK));
  }
  await handle.write(Buffer.alloc(2 * BLOCK));
}

/** One header block; see POSIX.1-1988, "ustar Interchange Format". */
function header(name: string, bytes: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`${name} is longer than 100 bytes`);
  if (bytes >= 8 ** 11) throw new RangeError(`${name} has ${bytes} bytes; a tar entry holds less than 8 GiB`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(name, 0, 'utf8');
  block.write(octal(0o644, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(bytes, 12), 124, 'latin1');
  block.write(octal(0, 12), 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(octal(block.reduce((sum, byte) => sum + byte, 0), 7), 148, 'latin1');
  block.write(' ', 155, 'latin1');
  return block;
}
