import { CogumiError, EXIT, type Teacher } from '@cogumi/contracts';
import type { TeacherPool } from '@cogumi/teachers';
import type { ChatRequest, GenerationRequest } from '../tasks/task.ts';
import type { EvalModel } from './eval-model.ts';

/** Requests in one call (chosen): enough for every provider's limit of requests in flight, and little to ask again after a kill. */
const TOGETHER = 64;

/**
 * A model of an endpoint, which answers as a chat: the prompt of a text that is continued is the user's message, and the answer ends before the
 * first stop text.
 *
 * @param pool - It keeps the budget, and the replies that were paid for.
 */
export function teacherModel(pool: Pick<TeacherPool, 'complete'>, teacher: Teacher): EvalModel {
  async function complete(chats: readonly Omit<ChatRequest, 'kind'>[], signal: AbortSignal): Promise<string[]> {
    const calls = chats.map(({ messages, maxTokens, sampling }) => ({
      ...{ messages, maxTokens, temperature: sampling?.temperature ?? 0 },
      ...{ schema: null, question: null },
    }));
    const replies = await pool.complete(teacher, calls, { stage: 'eval', tier: null, batchable: false, signal });
    const missing = replies.filter((reply) => reply === null).length;
    if (missing === 0) return replies as string[];
    throw modelError(
      `${teacher} did not answer ${missing} of ${replies.length} questions, and a score without them would be wrong.`,
      'Run it again: answers that came are kept. If it goes on, ask fewer at a time with --limit to find the question.',
    );
  }

  return {
    name: teacher,
    identity: { teacher },
    together: TOGETHER,
    async generate(requests, signal) {
      if (requests.some(({ sampling }) => sampling !== undefined)) {
        throw modelError(
          `${teacher} was to give several answers to a question; replies that were paid for are kept, so that all would be one.`,
          'Leave out --samples, or ask a bundle or a model in GGUF.',
        );
      }
      const texts = await complete(
        requests.map(({ prompt, maxTokens }) => ({ messages: [{ role: 'user', content: prompt }], maxTokens })),
        signal,
      );
      return texts.map((text, at) => beforeStop(text, (requests[at] as GenerationRequest).stop));
    },
    chat: complete,
    async logLikelihoods() {
      throw modelError(
        `${teacher} does not say how likely a given answer is, which this task needs.`,
        'Ask a bundle or a model in GGUF, or take a task whose answers are generated.',
      );
    },
  };
}

function beforeStop(text: string, stop: readonly string[]): string {
  return stop.reduce((left, end) => left.split(end)[0] as string, text);
}

function modelError(message: string, hint: string): CogumiError {
  return new CogumiError('EVAL_MODEL', message, hint, { exitCode: EXIT.failed });
}
