import type { AnswerToken, FinalPiece } from '@cogumi/llama';
import type { ChoicePiece } from '../../runtime.ts';
import type { ApiError } from '../api-error.ts';
import type { GenerationApi, Reply, ReplyHead } from '../generation.ts';
import { collectChoices } from './collect-choices.ts';
import { type CompletionRequest, parseCompletionRequest } from './completion-request.ts';
import { completionLogprobs } from './logprobs.ts';
import { streamEnd } from './stream-end.ts';
import { finishReason, usage } from './usage.ts';

/** OpenAI's text completions. */
export const completions: GenerationApi<CompletionRequest> = {
  path: '/v1/completions',
  promptField: 'prompt',
  parse: parseCompletionRequest,
  reply: (request, head) => new CompletionReply(request, head),
};

class CompletionReply implements Reply {
  readonly #head: object;
  readonly #includeUsage: boolean;
  readonly #withLogprobs: boolean;
  /** Characters of each choice that were sent. */
  readonly #offsets = new Map<number, number>();
  readonly #finals: (FinalPiece & { readonly choice: number })[] = [];
  /** Choices of a prompt. */
  readonly #perPrompt: number;

  constructor({ includeUsage, answer }: CompletionRequest, { id, created, model, fingerprint }: ReplyHead) {
    this.#head = {
      id: `cmpl-${id}`,
      object: 'text_completion',
      created,
      model,
      system_fingerprint: fingerprint,
    };
    this.#includeUsage = includeUsage;
    this.#perPrompt = answer.choices ?? 1;
    this.#withLogprobs = answer.topLogprobs !== undefined;
  }

  whole(pieces: readonly ChoicePiece[]) {
    const choices = collectChoices(pieces);
    return {
      ...this.#head,
      choices: choices.map(({ index, text, tokens, final }) => this.#choice(index, text, tokens, finishReason(final))),
      usage: this.#usage(choices.map(({ index, final }) => ({ ...final, choice: index }))),
    };
  }

  begin() {
    return [];
  }

  piece(piece: ChoicePiece) {
    if (piece.kind === 'end') {
      this.#finals.push(piece);
      return [{ data: { ...this.#head, choices: [this.#choice(piece.choice, '', [], finishReason(piece))] } }];
    }
    if (piece.kind !== 'text') return [];
    return [{ data: { ...this.#head, choices: [this.#choice(piece.choice, piece.text, piece.tokens ?? [], null)] } }];
  }

  end() {
    return streamEnd(this.#head, this.#usage(this.#finals), this.#includeUsage);
  }

  failure(error: ApiError) {
    return { data: error.body };
  }

  #usage(finals: readonly (FinalPiece & { readonly choice: number })[]) {
    return usage(
      finals,
      finals.filter(({ choice }) => choice % this.#perPrompt === 0),
    );
  }

  #choice(index: number, text: string, tokens: readonly AnswerToken[], finish_reason: string | null) {
    const offset = this.#offsets.get(index) ?? 0;
    this.#offsets.set(index, offset + text.length);
    const logprobs = this.#withLogprobs ? completionLogprobs(tokens, offset) : null;
    return { index, text, logprobs, finish_reason };
  }
}
