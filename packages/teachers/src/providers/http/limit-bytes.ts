import type { Endpoint } from './endpoint.ts';
import { failure } from './failure.ts';

/** What a reply has beside its tokens, and bytes of a token with the event that it comes in: 250 to 600 at known servers. */
const AROUND_REPLY = 2 ** 20;
const BYTES_A_TOKEN = 4096;

/**
 * The bytes of a reply of so many tokens, and no more: a server that never ends would fill the memory.
 *
 * @throws ProviderError `malformed`.
 */
export async function* limitBytes(
  bytes: AsyncIterable<Uint8Array>,
  maxTokens: number,
  endpoint: Endpoint,
): AsyncGenerator<Uint8Array> {
  const most = AROUND_REPLY + maxTokens * BYTES_A_TOKEN;
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > most) {
      const what = `the reply has more than ${most} bytes, for ${maxTokens} tokens that were allowed`;
      throw failure(endpoint, 'malformed', what, { charged: 'unknown' });
    }
    yield chunk;
  }
}
