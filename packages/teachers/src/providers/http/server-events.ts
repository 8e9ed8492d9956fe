import type { Endpoint } from './endpoint.ts';
import { replyLines } from './reply-lines.ts';

export interface ServerEvent {
  /** Name of the event; empty when it has none. */
  readonly event: string;
  readonly data: string;
}

/**
 * Server-sent events of a reply. Ignores comments (`: keep-alive`), fields other than `event` and `data`, and an incomplete last
 * event without an empty line behind it.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* serverEvents(bytes: AsyncIterable<Uint8Array>, endpoint: Endpoint): AsyncGenerator<ServerEvent> {
  let event = '';
  let data: string[] = [];
  for await (const line of replyLines(bytes, endpoint)) {
    if (line === '') {
      if (data.length > 0) yield { event, data: data.join('\n') };
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
}
