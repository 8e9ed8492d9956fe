import { createHash } from 'node:crypto';

/** The bytes of a file, or of a larger one that has nothing but zeros behind its beginning. */
export interface Bytes {
  readonly length: number;
  subarray(from: number, to: number): Buffer;
}

/** A published file with the hashes that the Hub gives it. */
export interface Content {
  readonly bytes: Bytes;
  readonly sha256: string;
  /** Object id of git. */
  readonly git: string;
  readonly md5: string;
}

/** A file of `length` bytes that begins with `head`: weights of true size of which only the header is read. */
export function beginning(head: Buffer, length: number): Bytes {
  return {
    length,
    subarray: (from, to) => {
      const bytes = Buffer.alloc(to - from);
      if (from < head.length) head.copy(bytes, 0, from, Math.min(to, head.length));
      return bytes;
    },
  };
}

/** @param hashed - What its hashes are made of: of a file that nobody reads to its end, the beginning. */
export function contentOf(bytes: Bytes, hashed: Buffer): Content {
  const hash = (algorithm: string, before = '') => createHash(algorithm).update(before).update(hashed).digest('hex');
  return { bytes, sha256: hash('sha256'), git: hash('sha1', `blob ${bytes.length}\0`), md5: hash('md5') };
}
