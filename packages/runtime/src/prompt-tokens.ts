import { CogumiError, type Message } from '@cogumi/contracts';
import { chatParts, chatPrompt, type ModelHost, type PromptPart } from '@cogumi/llama';

/** Characters; most prompts are shorter and are tokenized once. */
const FIRST_PIECE = 16_384;
const TOKENS_AT_A_CUT = 64;

/** A prompt that the context cannot hold. */
export class ContextLengthError extends CogumiError {
  readonly promptTokens: number;
  readonly contextTokens: number;

  /** @param promptTokens - At the least; counting stops where the context is exceeded. */
  constructor(promptTokens: number, contextTokens: number) {
    super(
      'CONTEXT_LENGTH',
      `The messages have at least ${promptTokens} tokens; the context holds ${contextTokens}, the answer included.`,
      'Send fewer or shorter messages.',
    );
    this.promptTokens = promptTokens;
    this.contextTokens = contextTokens;
  }
}

/**
 * The messages as the model reads them, by its own template. What they say is text: the name of a control token in it is
 * no token, so that nobody can end a turn and begin one in another role.
 *
 * @throws ContextLengthError; CogumiError CHAT_TEMPLATE.
 */
export async function promptTokens(
  host: Pick<ModelHost, 'info' | 'tokenize'>,
  messages: readonly Message[],
): Promise<number[]> {
  const { contextTokens } = host.info;
  const prompt = render(() => chatPrompt(host.info, messages));
  await refuseLong(host, { text: prompt, special: true }, 0);
  let ids: number[] = [];
  for (const part of render(() => chatParts(host.info, messages))) {
    if (part.text !== prompt) await refuseLong(host, part, ids.length);
    ids = ids.concat(await host.tokenize(part.text, { special: part.special }));
    if (ids.length > contextTokens) throw new ContextLengthError(ids.length, contextTokens);
  }
  return ids;
}

function render<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    // Templates refuse what they were not made for, such as two user turns in a row.
    throw new CogumiError(
      'CHAT_TEMPLATE',
      `The model's chat template does not take these messages: ${(cause as Error).message}`,
      'Send system first, then user and assistant in turn.',
      { cause },
    );
  }
}

/**
 * From the front in growing pieces: SentencePiece takes minutes for a megabyte of line ends (measured), and a text that is
 * too long shows in its first part. A cut may add a few tokens where it falls.
 */
async function refuseLong(
  { info: { contextTokens }, tokenize }: Pick<ModelHost, 'info' | 'tokenize'>,
  { text, special }: PromptPart,
  before: number,
): Promise<void> {
  for (let length = FIRST_PIECE; length < text.length; length *= 4) {
    const tokens = before + (await tokenize(text.slice(0, length), { special })).length;
    if (tokens > contextTokens + TOKENS_AT_A_CUT) throw new ContextLengthError(tokens, contextTokens);
  }
}
