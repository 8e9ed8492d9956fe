import { CogumiError, type Message } from '@cogumi/contracts';
import { chatParts, chatPrompt, type ModelHost, type PromptPart } from '@cogumi/llama';

/** Characters of the first prefix that is checked. Most prompts are shorter and are tokenized only once (chosen). */
const FIRST_PREFIX = 16_384;
/** Most tokens by which the end of a prefix may change the count (chosen). */
const PREFIX_MARGIN_TOKENS = 64;

/** The prompt does not fit into the context. */
export class ContextLengthError extends CogumiError {
  readonly promptTokens: number;
  readonly contextTokens: number;

  /** @param promptTokens - A lower bound: counting stops when the context is exceeded. */
  constructor(promptTokens: number, contextTokens: number) {
    super(
      'CONTEXT_LENGTH',
      `The messages have at least ${promptTokens} tokens; the context holds ${contextTokens}, including the answer.`,
      'Send fewer or shorter messages.',
    );
    this.promptTokens = promptTokens;
    this.contextTokens = contextTokens;
  }
}

/**
 * Tokenizes messages with the model's own chat template. The contents of messages are plain text: the name of a control token
 * in them does not become that token, so no message can end its turn and start one in another role.
 *
 * @throws ContextLengthError; CogumiError CHAT_TEMPLATE.
 */
export async function promptTokens(
  host: Pick<ModelHost, 'info' | 'tokenize'>,
  messages: readonly Message[],
): Promise<number[]> {
  const { contextTokens } = host.info;
  const prompt = render(() => chatPrompt(host.info, messages));
  await refuseTooLong(host, { text: prompt, special: true }, 0);
  let ids: number[] = [];
  for (const part of render(() => chatParts(host.info, messages))) {
    if (part.text !== prompt) await refuseTooLong(host, part, ids.length);
    ids = ids.concat(await host.tokenize(part.text, { special: part.special }));
    if (ids.length > contextTokens) throw new ContextLengthError(ids.length, contextTokens);
  }
  return ids;
}

function render<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    // Templates refuse conversations that they do not support, such as two user turns in a row.
    throw new CogumiError(
      'CHAT_TEMPLATE',
      `The model's chat template refuses these messages: ${(cause as Error).message}`,
      'Send the system message first, then user and assistant in turn.',
      { cause },
    );
  }
}

/**
 * Refuses a text that is too long by tokenizing growing prefixes of it: SentencePiece takes minutes for a megabyte of line
 * breaks (measured), and a short prefix already shows that the text does not fit. The end of a prefix may add a few tokens.
 */
async function refuseTooLong(
  { info: { contextTokens }, tokenize }: Pick<ModelHost, 'info' | 'tokenize'>,
  { text, special }: PromptPart,
  before: number,
): Promise<void> {
  for (let length = FIRST_PREFIX; length < text.length; length *= 4) {
    const tokens = before + (await tokenize(text.slice(0, length), { special })).length;
    if (tokens > contextTokens + PREFIX_MARGIN_TOKENS) throw new ContextLengthError(tokens, contextTokens);
  }
}
