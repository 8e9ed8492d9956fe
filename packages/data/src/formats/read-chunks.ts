import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import { createFrameScanner, isZstd, windowBytes } from './zstd-frames.ts';

/** Bytes of a chunk. Larger ones are slower to allocate, smaller ones take more calls (measured; benchmarks/jsonl). */
const CHUNK_BYTES = 2 ** 18;

const GZIP = [0x1f, 0x8b];
/** `zstd --long=31` writes it: 2 GiB, the most that zstd decodes. Memory is used only as far as the content fills the window. */
const LONGEST_WINDOW_LOG = 31;
/** Bytes from a frame's magic number to its window. */
const HEADER_BYTES = 6;

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file read so far, before decompression. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Reads a file in chunks, decompressed if its first bytes are those of gzip or zstd: names may be wrong, and blobs have none.
 *
 * @throws DamagedFile if it is truncated or cannot be decompressed.
 */
export async function* readChunks(source: ByteSource, options: ReadOptions = {}): AsyncGenerator<Buffer> {
  const start = await source.slice(0, Math.min(HEADER_BYTES, source.byteLength));
  if (GZIP.every((byte, place) => start[place] === byte)) {
    yield* unpack(readPlain(source, options), createGunzip({ chunkSize: CHUNK_BYTES }));
  } else if (isZstd(start)) yield* unpackFrames(readPlain(source, options));
  else yield* readPlain(source, options);
}

async function* readPlain(source: ByteSource, { signal, onBytes }: ReadOptions): AsyncGenerator<Buffer> {
  for (let start = 0; start < source.byteLength; start += CHUNK_BYTES) {
    signal?.throwIfAborted();
    const end = Math.min(start + CHUNK_BYTES, source.byteLength);
    yield await source.slice(start, end);
    onBytes?.(end);
  }
}

/** Decompresses all zstd frames. Node's decoder stops after the first and silently drops the rest; parallel compressors write many. */
async function* unpackFrames(packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const scanner = createFrameScanner();
  let rest = (await packed.next()).value as Buffer | undefined;
  async function* oneFrame(): AsyncGenerator<Buffer> {
    while (rest) {
      const end = scanner.push(rest);
      yield end === -1 ? rest : rest.subarray(0, end);
      rest = end === -1 || end === rest.length ? (await packed.next()).value : rest.subarray(end);
      if (end !== -1) return;
    }
  }
  const params = { [constants.ZSTD_d_windowLogMax]: LONGEST_WINDOW_LOG };
  while (rest) {
    const window = windowBytes(rest.subarray(0, HEADER_BYTES));
    yield* unpack(oneFrame(), createZstdDecompress({ chunkSize: CHUNK_BYTES, params }), window);
  }
}

type Decoder = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

/** @param window - Bytes of memory that the frame asks for; null: unknown. */
async function* unpack(
  packed: AsyncIterable<Buffer>,
  decoder: Decoder,
  window: number | null = null,
): AsyncGenerator<Buffer> {
  const source = Readable.from(packed);
  // Any failure ends the decoder with the same error, which is thrown where its output is read.
  pipeline(source, decoder).catch(() => {});
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (cause) {
    // An abort gets here too, and the code of a DOMException is a number.
    const { code } = cause as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('Z')) throw cause;
    throw explain(cause as Error & { code: string }, window);
  } finally {
    source.destroy();
    decoder.destroy();
  }
}

function explain(cause: Error & { code: string }, window: number | null): DamagedFile {
  const needed = window === null ? 'more memory' : `a window of ${Math.ceil(window / 2 ** 20)} MiB`;
  switch (cause.code) {
    case 'Z_BUF_ERROR':
      return new DamagedFile('it is truncated', { cause });
    case 'ZSTD_error_frameParameter_windowTooLarge':
      return new DamagedFile(
        `its zstd frame asks for ${needed}, more than the ${2 ** (LONGEST_WINDOW_LOG - 20)} MiB that zstd decodes`,
        { cause, hint: 'If the file is whole, compress it again with a smaller window: zstd --long=27 FILE' },
      );
    case 'ZSTD_error_memory_allocation':
    case 'Z_MEM_ERROR':
      return new DamagedFile(`to decompress it takes ${needed}, which this machine does not have free`, {
        cause,
        hint: 'Decompress it where there is more memory (zstd -d --long=31 FILE), and name the plain file.',
      });
    case 'ZSTD_error_dictionary_wrong':
      return new DamagedFile('it was compressed with a zstd dictionary, which is not in the file', {
        cause,
        hint: 'Decompress it with the dictionary (zstd -d -D DICTIONARY FILE), and name the plain file.',
      });
    default:
      return new DamagedFile(`it cannot be decompressed (${cause.message})`, { cause });
  }
}
