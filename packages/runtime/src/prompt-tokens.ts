import { CogumiError } from '@cogumi/contracts';
import {
  type ChatMessage,
  chatParts,
  chatPrompt,
  type ModelHost,
  type PromptPart,
  type ToolDefinition,
} from '@cogumi/llama';

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

  /** @param length - How long the prompt is, such as `at least 300 tokens`. */
  constructor(length: string, contextTokens: number) {
    super(
      'CONTEXT_LENGTH',
      `The prompt has ${length}; the context holds ${contextTokens} tokens, including the answer.`,
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
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[] = [],
): Promise<number[]> {
  const { contextTokens } = host.info;
  refuseTooManyCharacters(
    messages.reduce((sum, { content }) => sum + content.length, 0),
    contextTokens,
  );
  const prompt = chatPrompt(host.info, messages, tools);
  await refuseTooLong(host, { text: prompt, special: true }, 0);
  let ids: number[] = [];
  for (const part of chatParts(host.info, messages, tools, prompt)) {
    if (part.text !== prompt) await refuseTooLong(host, part, ids.length);
    ids = ids.concat(await host.tokenize(part.text, { special: part.special }));
    if (ids.length > contextTokens) throw new ContextLengthError(`at least ${ids.length} tokens`, contextTokens);
  }
  return ids;
}

export interface TokenizeOptions {
  /** True: names of control tokens in the text are tokens. */
  readonly special: boolean;
  /** True: put BOS first if the model was trained on such texts. */
  readonly addBos: boolean;
}

/** Tokenizes a text as it stands. @throws ContextLengthError. */
export async function textTokens(
  host: Pick<ModelHost, 'info' | 'tokenize'>,
  text: string,
  { special, addBos }: TokenizeOptions,
): Promise<number[]> {
  const { contextTokens, addsBos } = host.info;
  refuseTooManyCharacters(text.length, contextTokens);
  await refuseTooLong(host, { text, special }, 0);
  const ids = await host.tokenize(text, { special, addBos: addBos && addsBos });
  if (ids.length > contextTokens) throw new ContextLengthError(`${ids.length} tokens`, contextTokens);
  return ids;
}

/** Token ids that the model can take. @throws ContextLengthError; CogumiError TOKEN_UNKNOWN: llama.cpp would end its process. */
export function checkTokens({ info }: Pick<ModelHost, 'info'>, ids: readonly number[]): readonly number[] {
  if (ids.length > info.contextTokens) throw new ContextLengthError(`${ids.length} tokens`, info.contextTokens);
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < info.vocabularySize));
  if (wrong === undefined) return ids;
  throw new CogumiError(
    'TOKEN_UNKNOWN',
    `There is no token ${wrong}; valid ids are 0 to ${info.vocabularySize - 1}.`,
    'Tokenize the text with this model.',
  );
}

function refuseTooManyCharacters(characters: number, contextTokens: number): void {
  if (characters <= contextTokens * CHARACTERS_PER_TOKEN) return;
  throw new ContextLengthError(`${characters} characters`, contextTokens);
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
