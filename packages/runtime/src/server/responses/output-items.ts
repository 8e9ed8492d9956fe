import type { ChoicePiece } from '../../runtime.ts';
import { chatLogprobs } from '../openai/logprobs.ts';

/** An event before its number in the stream is known. */
type Event = { readonly type: string; readonly [field: string]: unknown };
type Logprobs = ReturnType<typeof chatLogprobs>['content'];

interface MessageItem {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  status: 'in_progress' | 'completed' | 'incomplete';
  content: { type: 'output_text'; text: string; annotations: never[]; logprobs: Logprobs }[];
}

interface CallItem {
  readonly id: string;
  readonly type: 'function_call';
  readonly call_id: string;
  readonly name: string;
  status: 'in_progress' | 'completed' | 'incomplete';
  arguments: string;
}

/** The items of a response as they grow, with the events that tell of them. Only the last one is open. */
export class OutputItems {
  readonly items: (MessageItem | CallItem)[] = [];
  /** Makes ids unique. */
  readonly #suffix: string;
  #open: MessageItem | CallItem | null = null;

  constructor(suffix: string) {
    this.#suffix = suffix;
  }

  add(piece: Exclude<ChoicePiece, { kind: 'end' }>): Event[] {
    switch (piece.kind) {
      case 'text': {
        if (piece.text === '' && !piece.tokens?.length) return [];
        // Tokens of a call have log-probabilities, but calls have no place for them.
        if (piece.text === '' && this.#open?.type === 'function_call') return [];
        const opened = this.#open?.type === 'message' ? [] : this.#openMessage();
        const [part] = (this.#open as MessageItem).content;
        const logprobs = chatLogprobs(piece.tokens ?? []).content;
        if (part) {
          part.text += piece.text;
          part.logprobs.push(...logprobs);
        }
        return [
          ...opened,
          { ...this.#at('response.output_text.delta'), content_index: 0, delta: piece.text, logprobs },
        ];
      }
      case 'call': {
        const closed = this.#close('completed');
        const id = `fc_${this.#suffix}${piece.call}`;
        const call_id = `call_${this.#suffix}${piece.call}`;
        const { name } = piece;
        return [
          ...closed,
          ...this.#begin({ id, type: 'function_call', status: 'in_progress', call_id, name, arguments: '' }),
        ];
      }
      case 'arguments': {
        (this.#open as CallItem).arguments += piece.text;
        return [{ ...this.#at('response.function_call_arguments.delta'), delta: piece.text }];
      }
    }
  }

  /** @param cut - True: the answer ended by its length, inside the last item. */
  end(cut: boolean): Event[] {
    const opened = this.items.length === 0 ? this.#openMessage() : [];
    return [...opened, ...this.#close(cut ? 'incomplete' : 'completed')];
  }

  #openMessage(): Event[] {
    const closed = this.#close('completed');
    const id = `msg_${this.#suffix}${this.items.length}`;
    const message: MessageItem = { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
    const begun = this.#begin(message);
    message.content.push({ type: 'output_text', text: '', annotations: [], logprobs: [] });
    return [
      ...closed,
      ...begun,
      {
        ...this.#at('response.content_part.added'),
        content_index: 0,
        part: { type: 'output_text', text: '', annotations: [] },
      },
    ];
  }

  #begin(item: MessageItem | CallItem): Event[] {
    this.items.push(item);
    this.#open = item;
    // A copy, because the item grows before the event is written.
    return [{ type: 'response.output_item.added', output_index: this.items.length - 1, item: structuredClone(item) }];
  }

  #close(status: 'completed' | 'incomplete'): Event[] {
    const item = this.#open;
    if (!item) return [];
    item.status = status;
    const done: Event[] = [];
    if (item.type === 'function_call') {
      done.push({ ...this.#at('response.function_call_arguments.done'), name: item.name, arguments: item.arguments });
    } else {
      const [part] = item.content;
      const { text = '', logprobs = [] } = part ?? {};
      done.push({ ...this.#at('response.output_text.done'), content_index: 0, text, logprobs });
      done.push({ ...this.#at('response.content_part.done'), content_index: 0, part });
    }
    done.push({ type: 'response.output_item.done', output_index: this.items.length - 1, item });
    this.#open = null;
    return done;
  }

  #at(type: string) {
    return { type, item_id: this.#open?.id, output_index: this.items.length - 1 };
  }
}
