/** Most characters of one event (chosen): a piece of text with all that servers put beside it. */
const LONGEST_EVENT = 1_000_000;

/**
 * The data of server-sent events, until `[DONE]` or the end of the body.
 *
 * @throws SyntaxError for data that is not JSON; RangeError for an event that is too long.
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    if (rest.length > LONGEST_EVENT) throw new RangeError(`an event has more than ${LONGEST_EVENT} characters`);
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() as string;
    for (const line of lines) {
      if (!line.startsWith('data:')) continue;
      const data = line.slice('data:'.length).trim();
      if (data === '[DONE]') return;
      yield JSON.parse(data);
    }
  }
}
