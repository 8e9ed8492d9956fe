import type { FileHandle } from 'node:fs/promises';
import { BundleError } from './bundle-error.ts';

const BLOCK = 512;

/** Limit against hostile archives. Real bundles have about a dozen entries. */
const MAX_ENTRIES = 1024;

/** The only entries of a bundle: `index.json`, `oci-layout`, and blobs named by their hash. */
const ENTRY = /^(?:oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/;

const TYPES: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '5': 'a folder',
  '6': 'a pipe',
};

export interface TarEntry {
  readonly name: string;
  /** Position of its first byte in the archive. */
  readonly offset: number;
  readonly size: number;
}

/**
 * Lists a bundle's tar entries from their headers, without reading their contents.
 *
 * Stricter than tar: only regular files under known names, each once, headers with correct checksums, paddings of zeros,
 * two blocks of zeros at the end and nothing after them. With the hashes of the contents, every byte of the file is checked.
 *
 * @param size - Size of the file in bytes.
 * @throws BundleError BUNDLE_TRUNCATED, BUNDLE_UNSAFE_PATH or BUNDLE_CORRUPT.
 */
export async function readTarEntries(file: FileHandle, size: number, path: string): Promise<TarEntry[]> {
  const entries = new Map<string, TarEntry>();
  let at = 0;
  for (;;) {
    const header = await readExactly(file, at, BLOCK, size, path, null);
    if (header.every((byte) => byte === 0)) break;
    const entry = parseHeader(header, at, path);
    if (entries.has(entry.name)) throw new BundleError('BUNDLE_CORRUPT', path, entry.name, 'this entry appears twice.');
    if (entries.size === MAX_ENTRIES) {
      throw new BundleError('BUNDLE_CORRUPT', path, null, `it has more than ${MAX_ENTRIES} entries.`);
    }
    entries.set(entry.name, entry);
    const end = entry.offset + entry.size;
    at = Math.ceil(end / BLOCK) * BLOCK;
    const padding = await readExactly(file, end, at - end, size, path, entry.name);
    if (padding.some((byte) => byte !== 0)) {
      throw new BundleError('BUNDLE_CORRUPT', path, entry.name, `its padding at byte ${end} is not zero.`);
    }
  }
  const last = await readExactly(file, at + BLOCK, BLOCK, size, path, null);
  if (last.some((byte) => byte !== 0)) {
    throw new BundleError('BUNDLE_CORRUPT', path, null, `the end mark at byte ${at + BLOCK} is not zero.`);
  }
  if (size !== at + 2 * BLOCK) {
    throw new BundleError(
      'BUNDLE_CORRUPT',
      path,
      null,
      `the archive ends at byte ${at + 2 * BLOCK}, the file at byte ${size}.`,
    );
  }
  return [...entries.values()];
}

function parseHeader(header: Buffer, at: number, path: string): TarEntry {
  const corrupt = (problem: string) => new BundleError('BUNDLE_CORRUPT', path, null, problem);
  // In the sum the checksum field counts as spaces (POSIX ustar). It is compared as text, so that all its bytes are checked.
  let sum = 8 * 0x20;
  for (let byte = 0; byte < BLOCK; byte++) if (byte < 148 || byte >= 156) sum += header[byte]!;
  const expected = `${sum.toString(8).padStart(6, '0')}\0 `;
  const found = header.toString('latin1', 148, 156);
  if (found !== expected) {
    throw corrupt(
      `the tar header at byte ${at} has checksum ${JSON.stringify(found.trim())}, its bytes add up to ${JSON.stringify(expected.trim())}.`,
    );
  }
  if (header.toString('latin1', 257, 265) !== 'ustar\x0000') throw corrupt(`there is no ustar header at byte ${at}.`);
  // A prefix extends the name, and a link name points to another entry. A bundle uses neither.
  const name = textAt(header, 345, 155) + textAt(header, 0, 100);
  const type = String.fromCharCode(header[156]!);
  if (type !== '0' || textAt(header, 157, 100) !== '') {
    const what = TYPES[type] ?? `an entry of type ${JSON.stringify(type)}`;
    throw new BundleError('BUNDLE_UNSAFE_PATH', path, quoted(name), `it is ${what}; only regular files are read.`);
  }
  if (!ENTRY.test(name)) {
    throw new BundleError(
      'BUNDLE_UNSAFE_PATH',
      path,
      quoted(name),
      'a bundle has only oci-layout, index.json and blobs/sha256/<hash>.',
    );
  }
  const size = header.toString('latin1', 124, 136);
  if (!/^[0-7]{11}\0$/.test(size))
    throw corrupt(`the size of ${name} is ${JSON.stringify(size)}, not eleven octal digits.`);
  return { name, offset: at + BLOCK, size: Number.parseInt(size, 8) };
}

/** Text of a field up to the first zero byte. The rest of the field counts only for the checksum. */
function textAt(header: Buffer, from: number, length: number): string {
  const field = header.toString('latin1', from, from + length);
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
}

/** A name from a hostile file, escaped and shortened for a terminal. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 120));
}

async function readExactly(
  file: FileHandle,
  at: number,
  length: number,
  size: number,
  path: string,
  entry: string | null,
): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  if (at + length <= size && (await file.read(buffer, 0, length, at)).bytesRead === length) return buffer;
  throw new BundleError(
    'BUNDLE_TRUNCATED',
    path,
    entry,
    `it needs at least ${at + length} bytes, the file has ${size}.`,
  );
}
