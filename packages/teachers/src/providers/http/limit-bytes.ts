import type { Endpoint } from './endpoint.ts';
import { failure } from './failure.ts';

/** Bytes of a reply besides its tokens, and bytes per token with its event (chosen; known servers send 250 to 600). */
const BASE_BYTES = 2 ** 20;
const BYTES_PER_TOKEN = 4096;

/**
 * Passes on the bytes of a reply, up to the most that `maxTokens` can need: an endless reply would fill the memory.
 *
 * @throws ProviderError `malformed`.
 */
export async function* limitBytes(
  bytes: AsyncIterable<Uint8Array>,
  maxTokens: number,
  endpoint: Endpoint,
): AsyncGenerator<Uint8Array> {
  const most = BASE_BYTES + maxTokens * BYTES_PER_TOKEN;
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > most) {
      const what = `the reply has more than ${most} bytes, for at most ${maxTokens} tokens`;
      throw failure(endpoint, 'malformed', what, { charged: 'unknown' });
    }
    yield chunk;
  }
}
