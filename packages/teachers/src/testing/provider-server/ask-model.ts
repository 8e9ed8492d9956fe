import { createHash } from 'node:crypto';
import type { Message } from '@cogumi/contracts';
import type { Usage } from '../../provider.ts';

/** A question in the words of either API. */
export interface Question {
  readonly model: string;
  /** The system prompt first, as OpenAI has it. */
  readonly messages: readonly Message[];
  readonly maxTokens: number;
  /** Whether the system prompt is to be cached. */
  readonly cacheSystem: boolean;
}

export interface ModelReply {
  /** One a token. */
  readonly tokens: readonly string[];
  readonly finish: 'stop' | 'length';
  readonly usage: Usage;
}

export type AnswerFunction = (messages: readonly Message[], model: string) => string;

/** The rule of this server: four letters (code points) are a token, the last one may be shorter. */
export function tokensOf(text: string): string[] {
  const letters = Array.from(text);
  return Array.from({ length: Math.ceil(letters.length / 4) }, (_, at) => letters.slice(4 * at, 4 * at + 4).join(''));
}

/** Which question it is, whoever asks it in which way. */
export function hashOf({ model, messages }: Pick<Question, 'model' | 'messages'>): string {
  return createHash('sha256')
    .update(JSON.stringify([model, messages.map(({ role, content }) => [role, content])]))
    .digest('hex');
}

/** A model that answers by a function and remembers the system prompts it was told to. */
export function createModel(answer: AnswerFunction): (question: Question) => ModelReply {
  const cached = new Set<string>();
  return ({ model, messages, maxTokens, cacheSystem }) => {
    const all = tokensOf(answer(messages, model));
    const tokens = all.slice(0, maxTokens);
    const systemText = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
    const systemTokens = cacheSystem ? tokensOf(systemText.join('')).length : 0;
    const key = `${model} ${systemText.join('')}`;
    const known = cached.has(key);
    if (systemTokens > 0) cached.add(key);
    return {
      tokens,
      finish: tokens.length < all.length ? 'length' : 'stop',
      usage: {
        inputTokens: messages.reduce((sum, { content }) => sum + tokensOf(content).length, 0),
        cacheReadTokens: known ? systemTokens : 0,
        cacheWriteTokens: known ? 0 : systemTokens,
        outputTokens: tokens.length,
      },
    };
  };
}
