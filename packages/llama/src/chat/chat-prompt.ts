import { CogumiError, type Message } from '@cogumi/contracts';
import { Template } from '@huggingface/jinja';
import { type ChatMessage, type ToolDefinition, templateMessages, templateTools } from './chat-message.ts';

const compiled = new Map<string, Compiled>();

/** What a template is asked with, to see whether it writes a system turn; no template contains it. */
const SYSTEM = 'cogumi-system-text';

/**
 * Renders messages with the model's own chat template, up to the start of the answer.
 *
 * A template without a system role, such as Gemma's, gets the system's text before the first question, two line ends apart: so
 * Gemma 3's own template writes it, and so the engine trains (`engine/cogumi_engine/chat.py`).
 *
 * @param tools - Functions that the model may call; only for a template that writes them (`toolFormat`).
 * @param answer - False: end after the last turn, and do not start an answer.
 *
 * @throws CogumiError CHAT_TEMPLATE when there is no template, or when it refuses the messages.
 */
export function chatPrompt(
  info: PromptInfo,
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[] = [],
  answer = true,
): string {
  const { chatTemplate, bosText, eosText } = info;
  if (chatTemplate === null) {
    throw new CogumiError(
      'CHAT_TEMPLATE',
      'The model has no chat template.',
      'Export it from a model folder with a chat template.',
    );
  }
  const found = compiled.get(chatTemplate) ?? compile(chatTemplate, bosText, eosText);
  compiled.set(chatTemplate, found);
  const turns = messages[0]?.role === 'system' && !found.writesSystem ? foldSystem(messages) : messages;
  try {
    return render(found.template, { turns, tools, answer, bosText, eosText });
  } catch (cause) {
    throw new CogumiError(
      'CHAT_TEMPLATE',
      `The model's chat template refuses a chat of the turns ${turns.map(({ role }) => role).join(', ')}: ${String(cause).slice(0, 200)}.`,
      'Send the turns in an order that the model knows: user and assistant in turn, a system message first.',
      { cause },
    );
  }
}

/** What a prompt depends on, of a model. */
export interface PromptInfo {
  readonly chatTemplate: string | null;
  readonly bosText: string;
  readonly eosText: string;
  readonly controlTexts?: readonly string[];
}

interface Compiled {
  readonly template: Template;
  /** Whether it writes the text of a system turn. Some templates refuse it, others leave it out without a word. */
  readonly writesSystem: boolean;
}

function compile(chatTemplate: string, bosText: string, eosText: string): Compiled {
  const template = new Template(chatTemplate);
  const asked: Message[] = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: 'cogumi-user-text' },
  ];
  let writesSystem = false;
  try {
    const rendered = render(template, { turns: asked, tools: [], answer: true, bosText, eosText });
    writesSystem = rendered.includes(SYSTEM);
  } catch {
    // It refuses a system turn.
  }
  return { template, writesSystem };
}

/** The chat with the system's text in the first turn of the user. */
function foldSystem([system, ...rest]: readonly ChatMessage[]): readonly ChatMessage[] {
  const [first, ...others] = rest;
  const text = system?.content ?? '';
  if (first?.role !== 'user') return [{ role: 'user', content: text }, ...rest];
  return [{ ...first, content: `${text}\n\n${first.content}` }, ...others];
}

interface Chat {
  readonly turns: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  readonly answer: boolean;
  readonly bosText: string;
  readonly eosText: string;
}

function render(template: Template, { turns, tools, answer, bosText, eosText }: Chat): string {
  return template.render({
    messages: templateMessages(turns),
    ...(tools.length > 0 ? { tools: templateTools(tools) } : {}),
    add_generation_prompt: answer,
    bos_token: bosText,
    eos_token: eosText,
  });
}
