import { once } from 'node:events';
import type { ModelReply } from './ask-model.ts';
import { type Exchange, flushAndDestroy, sendJson } from './exchange.ts';

/** The format of an API: a whole reply, or the blocks of an event stream. */
export interface ReplyFormat {
  /** @param usage - Whether to report tokens. */
  whole(answered: ModelReply, usage: boolean): unknown;
  head(answered: ModelReply, usage: boolean): string[];
  token(text: string): string;
  error: string;
  tail(answered: ModelReply, usage: boolean): string[];
}

/** Sends an answer with the planned fault, and logs its cost: the prompt, and the generated tokens. */
export async function deliverReply(
  exchange: Exchange,
  answered: ModelReply,
  format: ReplyFormat,
  stream: boolean,
): Promise<void> {
  const { fault, logged, response } = exchange;
  const broken = fault && 'after' in fault ? fault : null;
  logged.inputTokens = answered.usage.inputTokens;
  logged.outputTokens = stream && broken ? Math.min(broken.after, answered.tokens.length) : answered.tokens.length;
  if (fault?.kind === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const usage = fault?.kind !== 'no-usage';
  if (!stream) return sendJson(exchange, 200, format.whole(answered, usage));

  logged.status = 200;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  for (const block of format.head(answered, usage)) response.write(block);
  for (const [at, token] of answered.tokens.entries()) {
    if (at === broken?.after) break;
    if (response.write(format.token(token))) continue;
    await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  if (fault?.kind === 'malformed') response.write('data: {"choices": [\n\nevent: message_delta\ndata: {"type":\n\n');
  if (broken) return breakOff(exchange, format);
  for (const block of format.tail(answered, usage)) response.write(block);
  response.end();
}

async function breakOff(exchange: Exchange, format: ReplyFormat): Promise<void> {
  const { fault, response } = exchange;
  if (fault?.kind === 'stream-error') response.end(format.error);
  if (fault?.kind === 'cut') await flushAndDestroy(exchange);
}
