import { once } from 'node:events';
import type { Answered } from './ask-model.ts';
import { type Exchange, flushAndDestroy, sendJson } from './exchange.ts';

/** How an API writes an answer: whole, or as blocks of an event stream. */
export interface Wording {
  /** @param usage - false: without a word about tokens. */
  whole(answered: Answered, usage: boolean): unknown;
  head(answered: Answered, usage: boolean): string[];
  token(text: string): string;
  error: string;
  tail(answered: Answered, usage: boolean): string[];
}

/** Sends an answer with whatever fault was ordered, and notes what it costs: the prompt, and the tokens that were made. */
export async function deliver(
  exchange: Exchange,
  answered: Answered,
  wording: Wording,
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
  if (!stream) return sendJson(exchange, 200, wording.whole(answered, usage));

  logged.status = 200;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  for (const block of wording.head(answered, usage)) response.write(block);
  for (const [at, token] of answered.tokens.entries()) {
    if (at === broken?.after) break;
    if (response.write(wording.token(token))) continue;
    await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  if (fault?.kind === 'malformed') response.write('data: {"choices": [\n\nevent: message_delta\ndata: {"type":\n\n');
  if (broken) return breakOff(exchange, wording);
  for (const block of wording.tail(answered, usage)) response.write(block);
  response.end();
}

async function breakOff(exchange: Exchange, wording: Wording): Promise<void> {
  const { fault, response } = exchange;
  if (fault?.kind === 'stream-error') response.end(wording.error);
  if (fault?.kind === 'cut') await flushAndDestroy(exchange);
}
