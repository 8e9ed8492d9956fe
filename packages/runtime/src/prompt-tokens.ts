import { CogumiError, type Message } from '@cogumi/contracts';
import { chatParts, chatPrompt, type ModelHost, type PromptPart } from '@cogumi/llama';

/** Characters of the first prefix that is checked. Most prompts are shorter and are tokenized only once (chosen). */
const FIRST_PREFIX = 16_384;
/**
 * Most characters of the messages for each token of the context (chosen). English prose has 4 to 5 and indented code up to 8.
 * Longer messages fit only if they are made of rows of spaces; rendering and searching them would take seconds.
 */
const CHARACTERS_PER_TOKEN = 16;
/** Most tokens by which the end of a prefix may change the count (chosen). */
const PREFIX_MARGIN_TOKENS = 64;

/** The prompt does not fit into the context. */
export class ContextLengthError extends CogumiError {
  readonly contextTokens: number;

  /** @param length - How long the messages are, such as `at least 300 tokens`. */
  constructor(length: string, contextTokens: number) {
    super(
      'CONTEXT_LENGTH',
      `The messages have ${length}; the context holds ${contextTokens} tokens, including the answer.`,
      'Send fewer or shorter messages.',
    );
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
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  if (characters > contextTokens * CHARACTERS_PER_TOKEN) {
    throw new ContextLengthError(`${characters} characters`, contextTokens);
  }
  const prompt = render(() => chatPrompt(host.info, messages));
  await refuseTooLong(host, { text: prompt, special: true }, 0);
  let ids: number[] = [];
  for (const part of render(() => chatParts(host.info, messages, prompt))) {
    if (part.text !== prompt) await refuseTooLong(host, part, ids.length);
    ids = ids.concat(await host.tokenize(part.text, { special: part.special }));
    if (ids.length > contextTokens) throw new ContextLengthError(`at least ${ids.length} tokens`, contextTokens);
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
 * breaks or of control tokens (measured), and a short prefix already shows that the text does not fit. The end of a prefix may
 * add a few tokens.
 */
async function refuseTooLong(
  { info: { contextTokens, controlTexts }, tokenize }: Pick<ModelHost, 'info' | 'tokenize'>,
  { text, special }: PromptPart,
  before: number,
): Promise<void> {
  for (let length = FIRST_PREFIX; length < text.length; length *= 2) {
    let prefix = text.slice(0, length);
    // A control token takes at least one token, like the line break that stands for it here.
    if (special) for (const name of controlTexts) prefix = prefix.replaceAll(name, '\n');
    const tokens = before + (await tokenize(prefix)).length;
    if (tokens > contextTokens + PREFIX_MARGIN_TOKENS) {
      throw new ContextLengthError(`at least ${tokens} tokens`, contextTokens);
    }
  }
}
