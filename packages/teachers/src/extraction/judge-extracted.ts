import type { Failure, Question } from '@cogumi/contracts';
import { bounded } from '../checkers/checker.ts';
import type { Judgement } from '../procedural/task.ts';
import { extractAnswer, isExtracted } from './extract-answer.ts';
import type { Extracted } from './extracted.ts';
import { isRefusal } from './is-refusal.ts';

/** What a model answered. `cut`: at the limit of tokens. */
export interface ModelAnswer {
  readonly question: Question;
  readonly answer: string;
  readonly cut: boolean;
}

/** The verdict on a model's answer. */
export interface ModelJudgement {
  /** null: a teacher that judges gave no verdict. */
  readonly correct: boolean | null;
  /** Why it is not right; empty where it is. */
  readonly reason: string;
  /** What was found in the answer and judged in its place; null: the answer was judged as it stands. */
  readonly extracted: string | null;
  /** The kind of a wrong answer; null for others. */
  readonly failure: Failure | null;
}

type Judge = (items: readonly { question: Question; answer: string }[]) => Promise<readonly Judgement[]>;

/**
 * Judges answers of models as the field's harnesses do: an answer that is not right as it stands is right if the answer found in its
 * prose is. All models of a comparison are judged by it. Rows to train on are not: their form is what they teach.
 */
export async function judgeExtracted(items: readonly ModelAnswer[], judge: Judge): Promise<ModelJudgement[]> {
  const asGiven = await judge(items);
  const found = items.map(({ question, answer }, at) =>
    asGiven[at]?.correct === false ? extractAnswer(question, bounded(afterThinking(answer))) : null,
  );
  const again = items.flatMap(({ question, answer }, at) => {
    const text = found[at]?.text ?? null;
    return text === null || text === answer ? [] : [{ at, question, answer: text }];
  });
  const judged = await judge(again);
  const second = new Map(again.map(({ at, answer }, number) => [at, { answer, judgement: judged[number] }]));
  return items.map((item, at): ModelJudgement => {
    const { answer: extracted = null, judgement = asGiven[at] } = second.get(at) ?? {};
    const correct = judgement?.correct ?? null;
    return {
      correct,
      reason: judgement && !judgement.correct ? judgement.reason : '',
      extracted,
      failure: correct === false ? failureOf(item, found[at] ?? null) : null,
    };
  });
}

const THOUGHT = '</think>';

/** What a model says when it has thought; one that was cut in its thoughts has said nothing yet. */
function afterThinking(answer: string): string {
  const end = answer.lastIndexOf(THOUGHT);
  if (end !== -1) return answer.slice(end + THOUGHT.length);
  return answer.trimStart().startsWith('<think>') ? '' : answer;
}

function failureOf({ question, answer, cut }: ModelAnswer, found: Extracted | null): Failure {
  if (found?.complete) return 'wrong';
  if (isRefusal(answer)) return 'refused';
  if (cut) return 'cut';
  return found === null && isExtracted(question) ? 'unreadable' : 'wrong';
}
