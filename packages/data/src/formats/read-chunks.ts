import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type ByteSource, DamagedFile } from './byte-source.ts';
import { createFrameScanner } from './zstd-frames.ts';

/** Measured (benchmarks/jsonl): larger ones are slower to get memory for, smaller ones take more calls. */
const CHUNK_BYTES = 2 ** 18;

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many bytes of the file, as it lies there, have been read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * A file's bytes from first to last, unpacked where its first bytes say gzip or zstd: names lie, and blobs have none.
 *
 * @throws DamagedFile when it is cut short or does not unpack.
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

/** Node's decoder ends with the first frame and drops the rest in silence; parallel compressors write many. */
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
  // Whatever fails ends the decoder with the same error, which is thrown where its output is read.
  pipeline(source, decoder).catch(() => {});
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (cause) {
    // What stops the reading comes this way too, and the code of a DOMException is a number.
    const { code, message } = cause as { code?: unknown; message?: string };
    if (typeof code !== 'string' || !code.startsWith('Z')) throw cause;
    throw new DamagedFile(code === 'Z_BUF_ERROR' ? 'it is cut short' : `it does not unpack (${message})`, { cause });
  } finally {
    source.destroy();
    decoder.destroy();
  }
}
