import { setTimeout as sleep } from 'node:timers/promises';
import type { Question } from './ask.ts';

/** A token of an answer, and by how much its log-probability exceeds that of the next likely one, in nats. */
export interface Gap {
  readonly text: string;
  readonly gap: number;
}

/** How long a server that nobody asks may take to measure its model (chosen). */
const MEASURE_MS = 300_000;

/** Waits until a new server has measured its model, which it does when nothing is asked. @returns Its health. */
export async function allMeasured<Health>(url: string): Promise<Health> {
  const until = performance.now() + MEASURE_MS;
  for (;;) {
    const health = (await (await fetch(`${url}/health`)).json()) as Health & { unmeasured?: readonly string[] };
    if (!health.unmeasured?.length || performance.now() > until) return health;
    await sleep(100);
  }
}

/**
 * How near two log-probabilities are that rounding may exchange, in nats: four times the root mean square by which the server has measured
 * logits to differ with how many requests share a pass (a chosen multiple: of ten thousand tokens some lie three of them away). A new
 * server is waited for.
 */
export async function roundingOf(url: string): Promise<number> {
  const { mixing } = await allMeasured<{ mixing?: { noise?: number; difference?: number } }>(url);
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
