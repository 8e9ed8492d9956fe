import type { FileHandle } from 'node:fs/promises';
import { BundleError } from './bundle-error.ts';

const BLOCK = 512;

/** Of hostile archives. Real bundles hold a dozen entries. */
const MOST_ENTRIES = 1024;

/** `index.json`, `oci-layout`, and blobs named by their hash: a bundle has no other entry. */
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
  /** Where its bytes start in the file. */
  readonly offset: number;
  readonly size: number;
}

/**
 * Lists a bundle's tar entries from their headers; the bytes of the entries are not read.
 *
 * Narrower than tar: regular files under known names, each once, headers with correct checksums, paddings of zeros,
 * two blocks of zeros at the end and nothing after. With hashes over the entries, no byte of the file is left unchecked.
 *
 * @param size - Of the file, in bytes.
 * @throws BundleError BUNDLE_TRUNCATED, BUNDLE_UNSAFE_PATH or BUNDLE_CORRUPT.
 */
export async function readTarEntries(file: FileHandle, size: number, path: string): Promise<TarEntry[]> {
  const entries = new Map<string, TarEntry>();
  let at = 0;
  for (;;) {
    const header = await readExactly(file, at, BLOCK, size, path, null);
    if (header.every((byte) => byte === 0)) break;
    const entry = parseHeader(header, at, path);
    if (entries.has(entry.name)) throw new BundleError('BUNDLE_CORRUPT', path, entry.name, 'this entry stands twice.');
    if (entries.size === MOST_ENTRIES) {
      throw new BundleError('BUNDLE_CORRUPT', path, null, `more than ${MOST_ENTRIES} entries.`);
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
    throw new BundleError('BUNDLE_CORRUPT', path, null, `it ends at byte ${at + 2 * BLOCK}, the file at byte ${size}.`);
  }
  return [...entries.values()];
}

function parseHeader(header: Buffer, at: number, path: string): TarEntry {
  const corrupt = (problem: string) => new BundleError('BUNDLE_CORRUPT', path, null, problem);
  // The checksum field counts as spaces (POSIX ustar); it is compared as text, so that each of its bytes counts too.
  let sum = 8 * 0x20;
  for (let byte = 0; byte < BLOCK; byte++) if (byte < 148 || byte >= 156) sum += header[byte]!;
  const wanted = `${sum.toString(8).padStart(6, '0')}\0 `;
  const found = header.toString('latin1', 148, 156);
  if (found !== wanted) {
    throw corrupt(
      `the tar header at byte ${at} has checksum ${JSON.stringify(found.trim())}, its bytes add up to ${JSON.stringify(wanted.trim())}.`,
    );
  }
  if (header.toString('latin1', 257, 265) !== 'ustar\x0000') throw corrupt(`no ustar header stands at byte ${at}.`);
  // A prefix makes the name longer, a link name points elsewhere: neither has a use here.
  const name = textAt(header, 345, 155) + textAt(header, 0, 100);
  const type = String.fromCharCode(header[156]!);
  if (type !== '0' || textAt(header, 157, 100) !== '') {
    const what = TYPES[type] ?? `an entry of type ${JSON.stringify(type)}`;
    throw new BundleError('BUNDLE_UNSAFE_PATH', path, shown(name), `it is ${what}; only regular files are read.`);
  }
  if (!ENTRY.test(name)) {
    throw new BundleError(
      'BUNDLE_UNSAFE_PATH',
      path,
      shown(name),
      'a bundle holds oci-layout, index.json and blobs/sha256/<hash>, nothing else.',
    );
  }
  const size = header.toString('latin1', 124, 136);
  if (!/^[0-7]{11}\0$/.test(size))
    throw corrupt(`the size of ${name} is ${JSON.stringify(size)}, not eleven octal digits.`);
  return { name, offset: at + BLOCK, size: Number.parseInt(size, 8) };
}

/** Up to the first zero byte; what follows it in the field only counts for the checksum. */
function textAt(header: Buffer, from: number, length: number): string {
  const field = header.toString('latin1', from, from + length);
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
}

/** A name from a hostile file, fit for a terminal. */
function shown(name: string): string {
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
    `${at + length} bytes or more are needed, the file has ${size}.`,
  );
}
