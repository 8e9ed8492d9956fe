import { hashJson } from '@cogumi/pure';
import type { ChatCall } from '../provider.ts';
import { ANSWER_PROMPT, answerCalls, readVerdict } from '../score-texts.ts';
import { type RatingPrompts, ratingCall, ratingPromptsHash, readRating } from './rating-prompts.ts';

/** How a judge is asked for scores of answers, and how its replies are read. */
export interface AnswerScale {
  /** SHA-256 of all that the judge is told besides question and answer. */
  readonly prompt: string;
  calls(answers: readonly { readonly question: string; readonly answer: string }[]): Omit<ChatCall, 'model'>[];
  /** @returns 1..10; null: the reply has no score. */
  read(reply: string | null): number | null;
}

/** Quality, relevance and clarity, of which the lowest counts: the scale of the factory's judges. */
export const LOWEST_OF_THREE: AnswerScale = {
  prompt: hashJson(ANSWER_PROMPT),
  calls: (answers) =>
    answerCalls(answers.map(({ question, answer }) => ({ turns: [{ role: 'user', content: question }], answer }))),
  read: readVerdict,
};

/** The rating of MT-Bench. Labels are single questions, so that its prompt of the first turn is the one that is asked. */
export function ratingScale(prompts: RatingPrompts): AnswerScale {
  return {
    prompt: ratingPromptsHash(prompts),
    calls: (answers) =>
      answers.map(({ question, answer }) =>
        ratingCall(prompts, { turns: [question], answers: [answer], references: null }),
      ),
    read: readRating,
  };
}
