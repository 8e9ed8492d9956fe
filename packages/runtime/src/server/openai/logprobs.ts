import type { AnswerToken, TokenLogprob } from '@cogumi/llama';

/** What OpenAI's API reports for a token that is impossible: JSON has no −∞. */
const IMPOSSIBLE = -9999;

/** Log-probabilities of a chat's tokens. A token may be part of a character, so its bytes say more than its text. */
export function chatLogprobs(tokens: readonly AnswerToken[]) {
  return {
    content: tokens.map((token) => ({ ...entry(token), top_logprobs: token.top.map(entry) })),
    refusal: null,
  };
}

/** Log-probabilities of a text completion's tokens. @param offset - Characters of the answer before the first of them. */
export function completionLogprobs(tokens: readonly AnswerToken[], offset: number) {
  const texts = tokens.map(textOf);
  let at = offset;
  return {
    tokens: texts,
    token_logprobs: tokens.map(({ logprob }) => finite(logprob)),
    top_logprobs: tokens.map(({ logprob, top }) =>
      logprob === null ? null : Object.fromEntries(top.map((one) => [textOf(one), finite(one.logprob)])),
    ),
    text_offset: texts.map((text) => {
      at += text.length;
      return at - text.length;
    }),
  };
}

function entry(token: Pick<AnswerToken, 'bytes' | 'logprob'>) {
  return { token: textOf(token), logprob: finite(token.logprob), bytes: [...token.bytes] };
}

function textOf({ bytes }: Pick<TokenLogprob, 'bytes'>): string {
  return Buffer.from(bytes).toString('utf8');
}

function finite(logprob: number | null): number | null {
  return logprob === null ? null : Math.max(IMPOSSIBLE, logprob);
}
