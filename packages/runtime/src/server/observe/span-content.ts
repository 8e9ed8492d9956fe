import type { AnswerRequest, ChoicePiece } from '../../runtime.ts';

/** A part of a message in the form of OpenTelemetry's conventions for generative AI. */
type Part =
  | { readonly type: 'text'; content: string }
  | { readonly type: 'tool_call'; readonly id: string | null; readonly name: string; arguments: string }
  | { readonly type: 'tool_call_response'; readonly id: string; readonly response: string };

/** What was asked, as JSON. */
export function inputMessages({ messages, prompt }: AnswerRequest): string {
  if (!messages) {
    const text = typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
    return JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: text }] }]);
  }
  return JSON.stringify(
    messages.map(({ role, content, toolCalls = [], toolCallId }) => {
      if (toolCallId !== undefined) {
        return { role, parts: [{ type: 'tool_call_response', id: toolCallId, response: content }] };
      }
      const calls = toolCalls.map((call) => ({ type: 'tool_call', ...call }));
      return { role, parts: [...(content === '' ? [] : [{ type: 'text', content }]), ...calls] };
    }),
  );
}

/** Collects what was answered. */
export class OutputMessages {
  readonly #answers: { readonly parts: Part[]; finishReason: string }[] = [];

  add(piece: ChoicePiece): void {
    this.#answers[piece.choice] ??= { parts: [], finishReason: 'error' };
    const answer = this.#answers[piece.choice] as { parts: Part[]; finishReason: string };
    const last = answer.parts.at(-1);
    if (piece.kind === 'end') answer.finishReason = piece.finishReason;
    else if (piece.kind === 'call') answer.parts.push({ type: 'tool_call', id: null, name: piece.name, arguments: '' });
    else if (piece.kind === 'arguments') {
      if (last?.type === 'tool_call') last.arguments += piece.text;
    } else if (last?.type === 'text') last.content += piece.text;
    else if (piece.text !== '') answer.parts.push({ type: 'text', content: piece.text });
  }

  toString(): string {
    return JSON.stringify(
      this.#answers.map(({ parts, finishReason }) => ({ role: 'assistant', parts, finish_reason: finishReason })),
    );
  }
}
