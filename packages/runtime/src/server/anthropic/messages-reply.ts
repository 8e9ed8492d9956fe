import type { FinalPiece } from '@cogumi/llama';
import type { ChoicePiece } from '../../runtime.ts';
import type { ApiError } from '../api-error.ts';
import type { GenerationApi, Reply, ReplyHead, StreamEvent } from '../generation.ts';
import { collectChoices } from '../openai/collect-choices.ts';
import { anthropicError } from './error-body.ts';
import { parseMessagesRequest } from './messages-request.ts';

/** Anthropic's messages. */
export const messages: GenerationApi = {
  path: '/v1/messages',
  promptField: 'messages',
  parse: parseMessagesRequest,
  reply: (_, head, { promptTokens }) => new MessagesReply(head, promptTokens),
};

/** Usage at the start of a stream, before it is known how much of the prompt the cache has. */
const NOTHING_YET = { completionTokens: 0, cachedTokens: 0 };

class MessagesReply implements Reply {
  readonly #head: ReplyHead;
  readonly #promptTokens: number;
  /** The block that is being written: its place, and whether it is text. */
  #block: { readonly index: number; readonly isText: boolean } | null = null;
  #blocks = 0;
  #called = false;
  #final: FinalPiece | null = null;

  constructor(head: ReplyHead, promptTokens: number) {
    this.#head = head;
    this.#promptTokens = promptTokens;
  }

  whole(pieces: readonly ChoicePiece[]) {
    const [choice] = collectChoices(pieces);
    if (!choice) throw new Error('The answer ended without a final piece.');
    const { text, calls, final } = choice;
    const blocks = calls.map((call, at) => ({ ...this.#call(at, call.name), input: inputOf(call.arguments) }));
    return {
      ...this.#message(),
      content: text === '' && blocks.length > 0 ? blocks : [{ type: 'text', text, citations: null }, ...blocks],
      ...stopOf(final, calls.length > 0),
      usage: this.#usage(final),
    };
  }

  begin(): StreamEvent[] {
    const message = {
      ...this.#message(),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: this.#usage(NOTHING_YET),
    };
    return [event({ type: 'message_start', message })];
  }

  piece(piece: ChoicePiece): StreamEvent[] {
    switch (piece.kind) {
      case 'text': {
        if (piece.text === '') return [];
        const opened = this.#block?.isText ? [] : this.#open(true, { type: 'text', text: '', citations: null });
        return [...opened, this.#delta({ type: 'text_delta', text: piece.text })];
      }
      case 'call':
        this.#called = true;
        return this.#open(false, { ...this.#call(piece.call, piece.name), input: {} });
      case 'arguments':
        return [this.#delta({ type: 'input_json_delta', partial_json: piece.text })];
      case 'end':
        this.#final = piece;
        return [];
    }
  }

  end(): StreamEvent[] {
    // A message has a block, even if it is empty.
    const opened = this.#blocks === 0 ? this.#open(true, { type: 'text', text: '', citations: null }) : [];
    const closed = this.#close();
    const delta = this.#final && {
      type: 'message_delta',
      delta: { container: null, stop_details: null, ...stopOf(this.#final, this.#called) },
      usage: this.#usage(this.#final),
    };
    return [...opened, ...closed, ...(delta ? [event(delta)] : []), event({ type: 'message_stop' })];
  }

  failure(error: ApiError): StreamEvent {
    return event(anthropicError(error, this.#head.requestId));
  }

  #message() {
    const { id, model } = this.#head;
    return { id: `msg_${id}`, type: 'message', role: 'assistant', model, container: null, stop_details: null };
  }

  /** Anthropic counts what the prefix cache had apart from the rest of the input. */
  #usage({ completionTokens, cachedTokens }: Pick<FinalPiece, 'completionTokens' | 'cachedTokens'>) {
    return {
      input_tokens: this.#promptTokens - cachedTokens,
      output_tokens: completionTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: cachedTokens,
      service_tier: 'standard',
    };
  }

  #call(call: number, name: string) {
    return { type: 'tool_use', id: `toolu_${this.#head.id.replaceAll('-', '')}${call}`, name };
  }

  #open(isText: boolean, content_block: object): StreamEvent[] {
    const closed = this.#close();
    this.#block = { index: this.#blocks++, isText };
    return [...closed, event({ type: 'content_block_start', index: this.#block.index, content_block })];
  }

  #delta(delta: object): StreamEvent {
    return event({ type: 'content_block_delta', index: this.#block?.index ?? 0, delta });
  }

  #close(): StreamEvent[] {
    if (!this.#block) return [];
    const { index } = this.#block;
    this.#block = null;
    return [event({ type: 'content_block_stop', index })];
  }
}

/** Anthropic's events carry their type as the name of the event, too. */
function event(data: { readonly type: string; readonly [field: string]: unknown }): StreamEvent {
  return { event: data.type, data };
}

function stopOf({ finishReason, stopText }: FinalPiece, called: boolean) {
  const ended = stopText === null ? 'end_turn' : 'stop_sequence';
  const stopped = called ? 'tool_use' : ended;
  return {
    stop_reason: finishReason === 'length' ? 'max_tokens' : stopped,
    stop_sequence: stopText,
  };
}

/** The arguments of a call; empty if the answer was cut off inside them. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
