import { DamagedFile } from './byte-source.ts';

const FRAME = 0xfd2fb528;
/** The sixteen magic numbers of skippable frames, which contain no data. */
const SKIPPABLE = 0x184d2a50;

/** True if a file begins with a frame of zstd, also with a skippable one, as pzstd writes it. */
export function isZstd(start: Buffer): boolean {
  return start.length >= 4 && (start.readUInt32LE() === FRAME || isSkippable(start.readUInt32LE()));
}

/**
 * The window that a frame's header asks for, in bytes of memory (RFC 8878, section 3.1.1.1.2).
 *
 * @param header - The beginning of the frame.
 * @returns null for a frame of one segment, which has no window of its own, or a header that is cut off.
 */
export function windowBytes(header: Buffer): number | null {
  if (header.length < 6 || header.readUInt32LE() !== FRAME) return null;
  const descriptor = header.readUInt8(4);
  if (((descriptor >> 5) & 1) === 1) return null;
  const window = header.readUInt8(5);
  return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
}

function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === SKIPPABLE;
}

/** What the walk needs next: bytes to read, bytes to skip, or nothing at the end of a frame. */
type Step = { readonly look: number } | { readonly pass: number } | 'frame-end';

/** Walks through the frames of a zstd file without decompressing them. */
interface FrameScanner {
  /** Position in this chunk where the open frame ends, or -1. The caller pushes the rest again. */
  push(chunk: Buffer): number;
}

export function createFrameScanner(): FrameScanner {
  const walk = walkFrames();
  let step = walk.next().value as Step;
  let looked: Buffer[] = [];
  let missing = 0;
  const take = (next: Step): void => {
    step = next;
    looked = [];
    missing = next === 'frame-end' ? 0 : 'look' in next ? next.look : next.pass;
  };
  take(step);

  return {
    push: (chunk) => {
      let at = 0;
      for (;;) {
        if (step === 'frame-end') {
          take(walk.next().value as Step);
          return at;
        }
        const piece = chunk.subarray(at, at + missing);
        at += piece.length;
        missing -= piece.length;
        if ('look' in step) looked.push(piece);
        if (missing > 0) return -1;
        take(walk.next(Buffer.concat(looked)).value as Step);
      }
    },
  };
}

/** A frame is a header, blocks with their sizes, and an optional checksum (RFC 8878, section 3.1). */
function* walkFrames(): Generator<Step, never, Buffer> {
  for (;;) {
    const magic = (yield { look: 4 }).readUInt32LE();
    if (isSkippable(magic)) {
      yield { pass: (yield { look: 4 }).readUInt32LE() };
    } else if (magic === FRAME) {
      const descriptor = (yield { look: 1 }).readUInt8();
      const singleSegment = (descriptor >> 5) & 1;
      const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
      const contentBytes = [singleSegment, 2, 4, 8][descriptor >> 6] as number;
      yield { pass: 1 - singleSegment + dictionaryBytes + contentBytes };
      for (let last = false; !last; ) {
        const header = (yield { look: 3 }).readUIntLE(0, 3);
        last = (header & 1) === 1;
        // An RLE block gives the repeat count; its byte is stored once.
        yield { pass: ((header >> 1) & 3) === 1 ? 1 : header >> 3 };
      }
      yield { pass: ((descriptor >> 2) & 1) * 4 };
    } else {
      throw new DamagedFile(`a frame begins with 0x${magic.toString(16)}, which is not zstd`);
    }
    yield 'frame-end';
  }
}
