import type { ChatMessage, ToolDefinition } from './chat-message.ts';
import { chatParts } from './chat-parts.ts';
import type { PromptInfo } from './chat-prompt.ts';

/** What tokenizes a chat: a `ModelHost`. */
interface Tokenizer {
  readonly info: PromptInfo & { readonly controlTexts: readonly string[] };
  tokenize(text: string, options: { special: boolean }): Promise<number[]>;
}

/** Tokens of a chat up to the start of the answer, part by part (`chatParts`). @throws CogumiError CHAT_TEMPLATE. */
export async function chatTokens(
  host: Tokenizer,
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[] = [],
): Promise<number[]> {
  const parts = chatParts(host.info, messages, tools);
  return (await Promise.all(parts.map(({ text, special }) => host.tokenize(text, { special })))).flat();
}
