import type { Endpoint } from './endpoint.ts';
import { failure } from './failure.ts';

/** Characters of the longest line (chosen): ten times a batch result with the text of a whole book. */
const LONGEST_LINE = 16 * 2 ** 20;

/**
 * Lines of UTF-8 text without line ends (`\n` or `\r\n`). Characters may be split between chunks. A last line without a line
 * end counts.
 *
 * @throws ProviderError `malformed` when a line has more than 16 Mi characters; the errors of `bytes`.
 */
export async function* replyLines(bytes: AsyncIterable<Uint8Array>, endpoint: Endpoint): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
      yield withoutReturn(rest + text.slice(from, to));
      rest = '';
      from = to + 1;
    }
    rest += text.slice(from);
    if (rest.length > LONGEST_LINE) {
      throw failure(endpoint, 'malformed', `a line of more than ${LONGEST_LINE} characters`, { charged: 'unknown' });
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
