import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import { createFrameScanner } from './zstd-frames.ts';

/** Bytes of a chunk. Larger ones are slower to allocate, smaller ones take more calls (measured; benchmarks/jsonl). */
const CHUNK_BYTES = 2 ** 18;

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

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
  const magic = await source.slice(0, Math.min(4, source.byteLength));
  const starts = (bytes: readonly number[]) => bytes.every((byte, place) => magic[place] === byte);
  if (starts(GZIP)) yield* unpack(readPlain(source, options), createGunzip({ chunkSize: CHUNK_BYTES }));
  else if (starts(ZSTD)) yield* unpackFrames(readPlain(source, options));
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
  while (rest) yield* unpack(oneFrame(), createZstdDecompress({ chunkSize: CHUNK_BYTES }));
}

type Decoder = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

async function* unpack(packed: AsyncIterable<Buffer>, decoder: Decoder): AsyncGenerator<Buffer> {
  const source = Readable.from(packed);
  // Any failure ends the decoder with the same error, which is thrown where its output is read.
  pipeline(source, decoder).catch(() => {});
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (cause) {
    // An abort gets here too, and the code of a DOMException is a number.
    const { code, message } = cause as { code?: unknown; message?: string };
    if (typeof code !== 'string' || !code.startsWith('Z')) throw cause;
    throw new DamagedFile(code === 'Z_BUF_ERROR' ? 'it is truncated' : `it cannot be decompressed (${message})`, {
      cause,
    });
  } finally {
    source.destroy();
    decoder.destroy();
  }
}
