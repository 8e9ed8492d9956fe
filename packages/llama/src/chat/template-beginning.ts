import { chatPrompt, type PromptInfo } from './chat-prompt.ts';

/** First messages whose first characters are of different kinds, so that no token in front of them holds one. */
const TEXTS = ['apple', 'Box', '7 days', '"No"', 'über', '你好'];

/**
 * The tokens with which a model's chat template begins every chat that has no system message of its own: BOS, a default system
 * message, the start of the user's turn. They depend on no user, so what was read of them may be shared.
 *
 * A message whose first character makes one token with the template's last one does not begin with them, nor does a chat with a
 * system message: the caller compares tokens.
 *
 * @param tokenize - Tokenizes a text in which names of control tokens are tokens.
 * @returns No tokens where the model has no template, or where its chats have nothing in common.
 */
export function templateBeginning(info: PromptInfo, tokenize: (text: string) => readonly number[]): readonly number[] {
  if (info.chatTemplate === null) return [];
  try {
    const chats = TEXTS.map((content) => tokenize(chatPrompt(info, [{ role: 'user', content }])));
    return chats.reduce(commonBeginning);
  } catch {
    // The template refuses a chat of one message.
    return [];
  }
}

function commonBeginning(one: readonly number[], other: readonly number[]): readonly number[] {
  const differs = one.findIndex((token, at) => other[at] !== token);
  return differs === -1 ? one : one.slice(0, differs);
}
