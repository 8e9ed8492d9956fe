import type { Question } from './ask.ts';

/** A token of an answer, and by how much its log-probability exceeds that of the next likely one, in nats. */
export interface Gap {
  readonly text: string;
  readonly gap: number;
}

/**
 * How near two log-probabilities are that rounding may exchange, in nats: four times the root mean square by which the server has measured
 * logits to differ with how many requests share a pass (a chosen multiple: of ten thousand tokens some lie three of them away).
 */
export async function roundingOf(url: string): Promise<number> {
  type Health = { mixing?: { noise?: number; difference?: number } };
  const { mixing } = (await (await fetch(`${url}/health`)).json()) as Health;
  return 4 * Math.max(mixing?.noise ?? 0, mixing?.difference ?? 0);
}

/** The answer that a question gets, token for token. */
export async function gapsOf(url: string, { model, prompt, maxTokens }: Question): Promise<Gap[]> {
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: prompt }],
      max_tokens: maxTokens,
      temperature: 0,
      logprobs: true,
      top_logprobs: 2,
    }),
  });
  type Token = { token: string; logprob: number; top_logprobs: { logprob: number }[] };
  const { choices } = (await reply.json()) as { choices: { logprobs: { content: Token[] } }[] };
  return (choices[0]?.logprobs.content ?? []).map(({ token, top_logprobs: [first, second] }) => ({
    text: token,
    gap: (first?.logprob ?? 0) - (second?.logprob ?? -100),
  }));
}

/** Whether two texts part where the two likeliest tokens are as likely as rounding can tell. */
export function isTie(gaps: readonly Gap[], whole: string, text: string, rounding: number): boolean {
  let same = 0;
  while (same < Math.min(whole.length, text.length) && whole[same] === text[same]) same++;
  let end = 0;
  for (const { text: token, gap } of gaps) {
    end += token.length;
    if (end > same) return gap < rounding;
  }
  return false;
}
