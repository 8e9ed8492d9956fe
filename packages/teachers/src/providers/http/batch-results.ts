import type { BatchResult } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpReply } from './open-reply.ts';
import { replyLines } from './reply-lines.ts';

/**
 * Results of a batch from a JSONL reply, in the order of its lines. Skips a line that is no result, and every further result of
 * a request.
 *
 * @param seen - Ids of requests that have a result; the function adds to it.
 */
export async function* batchResults(
  reply: HttpReply,
  endpoint: Endpoint,
  seen: Set<string>,
  read: (line: string) => BatchResult | null,
): AsyncGenerator<BatchResult> {
  try {
    for await (const line of replyLines(reply.bytes, endpoint)) {
      const result = read(line);
      if (result === null || seen.has(result.id)) continue;
      seen.add(result.id);
      yield result;
    }
  } finally {
    reply.close();
  }
}
