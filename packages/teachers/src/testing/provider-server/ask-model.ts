import { createHash } from 'node:crypto';
import type { Message } from '@cogumi/contracts';
import type { Usage } from '../../provider.ts';

/** A request in a form that both APIs share. */
export interface Question {
  readonly model: string;
  /** The system prompt comes first, as in OpenAI's API. */
  readonly messages: readonly Message[];
  readonly maxTokens: number;
  /** Whether the system prompt is to be cached. */
  readonly cacheSystem: boolean;
}

export interface ModelReply {
  /** The text of each token. */
  readonly tokens: readonly string[];
  readonly finish: 'stop' | 'length';
  readonly usage: Usage;
}

export type AnswerFunction = (messages: readonly Message[], model: string) => string;

/** Tokens of this server: four code points each; the last one may be shorter. */
export function tokensOf(text: string): string[] {
  const letters = Array.from(text);
  return Array.from({ length: Math.ceil(letters.length / 4) }, (_, at) => letters.slice(4 * at, 4 * at + 4).join(''));
}

/** Identity of a request in both APIs: a hash of model and messages. */
export function hashOf({ model, messages }: Pick<Question, 'model' | 'messages'>): string {
  return createHash('sha256')
    .update(JSON.stringify([model, messages.map(({ role, content }) => [role, content])]))
    .digest('hex');
}

/** A model that answers by a function and caches system prompts on request. */
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
