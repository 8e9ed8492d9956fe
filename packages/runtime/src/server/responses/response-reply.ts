import type { FinalPiece } from '@cogumi/llama';
import type { ChoicePiece } from '../../runtime.ts';
import type { ApiError } from '../api-error.ts';
import type { GenerationApi, Reply, ReplyHead, StreamEvent } from '../generation.ts';
import { OutputItems } from './output-items.ts';
import { parseResponseRequest, type ResponseRequest } from './response-request.ts';

/** OpenAI's responses. None is stored. */
export const responses: GenerationApi<ResponseRequest> = {
  path: '/v1/responses',
  promptField: 'input',
  parse: parseResponseRequest,
  reply: (request, head) => new ResponseReply(request, head),
};

class ResponseReply implements Reply {
  readonly #request: ResponseRequest;
  readonly #head: ReplyHead;
  readonly #items: OutputItems;
  #final: FinalPiece | null = null;
  #sequence = 0;

  constructor(request: ResponseRequest, head: ReplyHead) {
    this.#request = request;
    this.#head = head;
    this.#items = new OutputItems(head.id.replaceAll('-', ''));
  }

  whole(pieces: readonly ChoicePiece[]) {
    for (const piece of pieces) this.piece(piece);
    this.end();
    return this.#response();
  }

  begin(): StreamEvent[] {
    const response = this.#response();
    return this.#events([
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ]);
  }

  piece(piece: ChoicePiece): StreamEvent[] {
    if (piece.kind !== 'end') return this.#events(this.#items.add(piece));
    this.#final = piece;
    return [];
  }

  end(): StreamEvent[] {
    const closed = this.#items.end(this.#final?.finishReason === 'length');
    const response = this.#response();
    return this.#events([...closed, { type: `response.${response.status}`, response }]);
  }

  failure(error: ApiError): StreamEvent {
    const { message, code, param } = error;
    return this.#events([{ type: 'error', code, message, param }])[0] as StreamEvent;
  }

  #events(events: readonly { readonly type: string; readonly [field: string]: unknown }[]): StreamEvent[] {
    return events.map((data) => ({ event: data.type, data: { ...data, sequence_number: this.#sequence++ } }));
  }

  #response() {
    const { fields } = this.#request;
    const { id, created, model } = this.#head;
    const cut = this.#final?.finishReason === 'length';
    const ended = cut ? 'incomplete' : 'completed';
    return {
      id: `resp_${id}`,
      object: 'response',
      created_at: created,
      status: this.#final ? ended : 'in_progress',
      error: null,
      incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
      instructions: fields.instructions ?? null,
      max_output_tokens: fields.max_output_tokens ?? null,
      metadata: fields.metadata ?? {},
      model,
      output: this.#items.items,
      parallel_tool_calls: fields.parallel_tool_calls ?? true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      store: false,
      temperature: fields.temperature ?? 0,
      text: { format: fields.text?.format ?? { type: 'text' } },
      tool_choice: fields.tool_choice ?? 'auto',
      tools: fields.tools ?? [],
      top_p: fields.top_p ?? 1,
      truncation: 'disabled',
      usage: this.#final && usage(this.#final),
      user: fields.user ?? null,
    };
  }
}

function usage({ promptTokens, cachedTokens, completionTokens }: FinalPiece) {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + completionTokens,
  };
}
