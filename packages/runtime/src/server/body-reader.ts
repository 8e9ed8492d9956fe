import { ApiError, clientClosed } from './api-error.ts';
import { ALL_BODIES_BYTES, BODY_MS, LARGEST_BODY_BYTES } from './limits.ts';

/** First size of a buffer in bytes; it doubles when it is full. Most questions fit. */
const FIRST_BYTES = 4096;

export interface BodyLimits {
  /** Most bytes of one body. */
  readonly bytes: number;
  /** Most bytes of memory for all bodies that are being read. */
  readonly allBytes: number;
  /** Most milliseconds from the headers to the end of the body. */
  readonly ms: number;
}

const DEFAULT: BodyLimits = { bytes: LARGEST_BODY_BYTES, allBytes: ALL_BODIES_BYTES, ms: BODY_MS };

/** A body that is being read. */
interface Reading {
  readonly stream: ReadableStreamDefaultReader<Uint8Array>;
  buffer: Uint8Array;
  length: number;
  refusal: ApiError | null;
}

/**
 * Reads bodies whole, within limits of size, time and memory. When all bodies together take too much memory, the one that was
 * begun first is refused: a client that sends at the usual speed is never the oldest.
 */
export class BodyReader {
  readonly #limits: BodyLimits;
  /** In the order in which they were begun. */
  readonly #readings = new Set<Reading>();
  /** Memory of their buffers. */
  #bytes = 0;

  constructor(limits: Partial<BodyLimits> = {}) {
    this.#limits = { ...DEFAULT, ...limits };
  }

  /** @throws ApiError 408, 413, 429; 499 if the client hangs up. */
  async read(request: Request): Promise<Uint8Array> {
    const { bytes: most, ms } = this.#limits;
    if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge(most);
    const stream = request.body?.getReader();
    if (!stream) return new Uint8Array();

    const reading: Reading = { stream, buffer: new Uint8Array(), length: 0, refusal: null };
    const late = setTimeout(() => refuse(reading, tooSlow(ms)), ms);
    this.#readings.add(reading);
    try {
      for (;;) {
        const { value } = await stream.read().catch((cause: unknown) => {
          throw clientClosed(cause);
        });
        if (reading.refusal) throw reading.refusal;
        if (!value) return reading.buffer.subarray(0, reading.length);
        this.#append(reading, value);
      }
    } finally {
      clearTimeout(late);
      this.#forget(reading);
    }
  }

  #append(reading: Reading, bytes: Uint8Array): void {
    const { bytes: most } = this.#limits;
    const length = reading.length + bytes.length;
    if (length > most) throw tooLarge(most);
    // Many small chunks would take far more memory than their bytes, so they are copied.
    if (length > reading.buffer.length) {
      const longer = new Uint8Array(Math.min(most, Math.max(FIRST_BYTES, 2 * length)));
      longer.set(reading.buffer.subarray(0, reading.length));
      this.#bytes += longer.length - reading.buffer.length;
      reading.buffer = longer;
    }
    reading.buffer.set(bytes, reading.length);
    reading.length = length;
    for (const oldest of this.#readings) {
      if (this.#bytes <= this.#limits.allBytes) break;
      this.#forget(oldest);
      refuse(oldest, tooMany(this.#limits.allBytes));
    }
  }

  #forget(reading: Reading): void {
    if (this.#readings.delete(reading)) this.#bytes -= reading.buffer.length;
  }
}

/** A pending read ends at once, and `read` throws the refusal. */
function refuse(reading: Reading, refusal: ApiError): void {
  reading.refusal ??= refusal;
  reading.stream.cancel(refusal).catch(() => undefined);
}

/** The rest of a refused body stays unread, so its connection cannot be used again. */
const headers = { connection: 'close' };

function tooLarge(most: number): ApiError {
  return new ApiError(413, 'body_too_large', `The body is larger than the limit of ${most} bytes.`, { headers });
}

function tooSlow(ms: number): ApiError {
  return new ApiError(408, 'body_timeout', `The body was not complete after ${ms / 1000} s.`, { headers });
}

function tooMany(allBytes: number): ApiError {
  const message = `The bodies of all requests together are larger than ${allBytes} bytes, and this one took the longest.`;
  return new ApiError(429, 'rate_limit_exceeded', message, { headers: { ...headers, 'retry-after': '2' } });
}
