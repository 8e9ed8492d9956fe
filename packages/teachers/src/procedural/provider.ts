import { setImmediate } from 'node:timers/promises';
import { type ChatReply, type Provider, ProviderError } from '../provider.ts';
import { answerAs } from './answer.ts';
import { GRADES, type Grade } from './grades.ts';

/** Replies between two turns of the event loop for signals and progress (chosen; about 10 ms). */
const QUESTIONS_PER_TURN = 100;

/** The procedural teachers as a provider: they answer from the seed of a question, at once and free of charge. */
export function createProceduralProvider(): Provider {
  let given = 0;
  const gradeOf = (model: string): Grade => {
    const grade = GRADES.find(({ teacher }) => teacher === `procedural:${model}`);
    if (grade) return grade;
    const known = GRADES.map(({ teacher }) => teacher).join(', ');
    throw new ProviderError('model-not-found', `There is no procedural teacher "${model}".`, `There are ${known}.`);
  };
  return {
    name: 'procedural',
    async check(model) {
      gradeOf(model);
    },
    async chat({ model, messages, question }, signal): Promise<ChatReply> {
      if (++given % QUESTIONS_PER_TURN === 0) await setImmediate();
      signal.throwIfAborted();
      if (question === null) {
        throw new ProviderError(
          'bad-request',
          'Procedural teachers answer questions of procedural tasks only.',
          'Name a model for free text, such as `openai:…` or `ollama:…`.',
        );
      }
      const text = answerAs(gradeOf(model), question);
      const inputTokens = tokens(messages.map(({ content }) => content).join('\n'));
      const usage = { inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: tokens(text) };
      return { text, finish: 'stop', usage, model, requestId: null };
    },
    batches: null,
  };
}

/** Four characters per token, the providers' rule of thumb; sufficient for free replies. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
