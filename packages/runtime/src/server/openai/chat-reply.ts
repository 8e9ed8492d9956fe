import type { FinalPiece, TextPiece } from '@cogumi/llama';
import type { ChoicePiece } from '../../runtime.ts';
import type { ApiError } from '../api-error.ts';
import type { GenerationApi, Reply, ReplyHead } from '../generation.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { type Choice, collectChoices } from './collect-choices.ts';
import { chatLogprobs } from './logprobs.ts';
import { streamEnd } from './stream-end.ts';
import { finishReason, usage } from './usage.ts';

/** OpenAI's chat completions. */
export const chatCompletions: GenerationApi<ChatRequest> = {
  path: '/v1/chat/completions',
  promptField: 'messages',
  parse: parseChatRequest,
  reply: (request, head) => new ChatReply(request, head),
};

class ChatReply implements Reply {
  readonly #head: { readonly id: string; readonly created: number; readonly model: string };
  readonly #fingerprint: string;
  readonly #includeUsage: boolean;
  readonly #withLogprobs: boolean;
  /** Choices whose role was sent. */
  readonly #opened = new Set<number>();
  /** Choices that have called a function. */
  readonly #called = new Set<number>();
  readonly #finals: FinalPiece[] = [];

  constructor({ includeUsage, answer }: ChatRequest, { id, created, model, fingerprint }: ReplyHead) {
    this.#head = { id: `chatcmpl-${id}`, created, model };
    this.#fingerprint = fingerprint;
    this.#includeUsage = includeUsage;
    this.#withLogprobs = answer.topLogprobs !== undefined;
  }

  whole(pieces: readonly ChoicePiece[]) {
    const choices = collectChoices(pieces);
    return {
      ...this.#head,
      object: 'chat.completion',
      system_fingerprint: this.#fingerprint,
      choices: choices.map(({ index, text, tokens, calls, final }) => ({
        index,
        message: { role: 'assistant', ...this.#content(index, text, calls), refusal: null },
        logprobs: this.#withLogprobs ? chatLogprobs(tokens) : null,
        finish_reason: finishReason(final, calls.length > 0),
      })),
      usage: usage(choices.map(({ final }) => final)),
    };
  }

  begin() {
    return [];
  }

  piece(piece: ChoicePiece) {
    const { choice } = piece;
    const opening = !this.#opened.has(choice);
    this.#opened.add(choice);
    const role = opening ? { role: 'assistant' } : {};
    switch (piece.kind) {
      case 'text':
        return [this.#chunk(choice, { ...role, content: piece.text }, this.#logprobs(piece), null)];
      case 'call': {
        this.#called.add(choice);
        const { call: index, name } = piece;
        const first = { index, ...this.#call(choice, index, name, '') };
        return [this.#chunk(choice, { ...role, tool_calls: [first] }, null, null)];
      }
      case 'arguments': {
        const more = { index: piece.call, function: { arguments: piece.text } };
        return [this.#chunk(choice, { ...role, tool_calls: [more] }, null, null)];
      }
      case 'end': {
        this.#finals.push(piece);
        // An answer without text still opens with its role.
        const first = opening ? [this.#chunk(choice, { ...role, content: '' }, null, null)] : [];
        return [...first, this.#chunk(choice, {}, null, finishReason(piece, this.#called.has(choice)))];
      }
    }
  }

  end() {
    return streamEnd(this.#base(), usage(this.#finals), this.#includeUsage);
  }

  failure(error: ApiError) {
    return { data: error.body };
  }

  #content(choice: number, text: string, calls: Choice['calls']) {
    if (calls.length === 0) return { content: text };
    const tool_calls = calls.map((call, at) => this.#call(choice, at, call.name, call.arguments));
    return { content: text === '' ? null : text, tool_calls };
  }

  #call(choice: number, call: number, name: string, text: string) {
    // Unique, since clients put the calls of several answers into one chat.
    const id = `call_${this.#head.id.slice('chatcmpl-'.length).replaceAll('-', '')}${choice}${call}`;
    return { id, type: 'function', function: { name, arguments: text } };
  }

  #base() {
    return { ...this.#head, object: 'chat.completion.chunk', system_fingerprint: this.#fingerprint };
  }

  #logprobs({ tokens }: TextPiece) {
    return this.#withLogprobs ? chatLogprobs(tokens ?? []) : null;
  }

  #chunk(index: number, delta: object, logprobs: object | null, finish_reason: string | null) {
    return { data: { ...this.#base(), choices: [{ index, delta, logprobs, finish_reason }] } };
  }
}
