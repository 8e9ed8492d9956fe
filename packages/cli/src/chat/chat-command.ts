import type { Conversation } from './conversation.ts';

const HELP = `/model <name>  choose what answers: auto (the router), base or a modifier
/new           start a new conversation
/help          show this help
/quit          end the chat, like Ctrl-D; Ctrl-C stops an answer`;

/** What a command of a chat came to: a text for the user, empty for none, and whether the chat ends. */
export interface CommandResult {
  readonly text: string;
  readonly ends: boolean;
}

/**
 * Runs a line that is a command of the chat. @returns null for a line that is none, such as a question that begins with a path.
 *
 * @throws CogumiError MODEL_UNKNOWN.
 */
export function runChatCommand(line: string, conversation: Conversation): CommandResult | null {
  const [word = '', ...names] = line.trim().split(/\s+/);
  if (word === '/model' && names.length <= 1) {
    if (names[0] !== undefined) conversation.choose(names[0]);
    return shown(`answers: ${conversation.route ?? 'auto'} (${conversation.names.join(', ')})`);
  }
  if (names.length > 0) return null;
  if (word === '/quit' || word === '/exit') return { text: '', ends: true };
  if (word === '/help') return shown(HELP);
  if (word !== '/new') return null;
  conversation.clear();
  return shown('');
}

const shown = (text: string): CommandResult => ({ text, ends: false });
