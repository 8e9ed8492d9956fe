import type { Question } from '@cogumi/contracts';
import type { Judgement } from '../procedural/task.ts';
import { comparable } from './checker.ts';
import { describeWrong, WRONG_ANSWERS } from './wrong-answers.ts';

type Judge = (items: readonly { question: Question; answer: string }[]) => Promise<readonly Judgement[]>;
type ExampleQuestion = Question & { readonly example: NonNullable<Question['example']> };

/** Answers of others that a check has to accept, all of them, to count as loose; and the fewest (chosen: some are right by chance). */
const OTHERS = 8;
const FEWEST_OTHERS = 3;

/**
 * Finds checks that accept what is certainly wrong: an empty answer, nonsense, or what other examples answer whose checks
 * differ. A check that all examples share is judged by the first two only: it proves the form of an answer.
 *
 * @returns In the order of the questions: the reason, as the end of a sentence about the example; null for a check that can fail.
 */
export async function findLooseChecks(questions: readonly ExampleQuestion[], judge: Judge): Promise<(string | null)[]> {
  const reasons = new Map<ExampleQuestion, string>();
  const probes = questions.flatMap((question) =>
    WRONG_ANSWERS[question.example.check.kind]
      .filter((answer) => comparable(answer) !== comparable(question.example.answer))
      .map((answer) => ({ question, answer })),
  );
  for (const [at, { correct }] of (await judge(probes)).entries()) {
    const { question, answer } = probes[at] as (typeof probes)[number];
    if (correct && !reasons.has(question)) reasons.set(question, `has a check that accepts ${describeWrong(answer)}`);
  }
  let open = questions.flatMap((question, at) => {
    const answers = reasons.has(question) ? [] : answersOfOthers(questions, at);
    return answers.length < FEWEST_OTHERS ? [] : [{ question, answers }];
  });
  // Most checks reject the first answer: the others are not tried.
  for (let round = 0; round < OTHERS && open.length > 0; round++) {
    const tried = open.filter(({ answers }) => answers[round] !== undefined);
    const judged = await judge(tried.map(({ question, answers }) => ({ question, answer: answers[round] as string })));
    const rejecting = new Set(tried.filter((_, at) => !judged[at]?.correct));
    open = open.filter((one) => !rejecting.has(one));
  }
  for (const { question } of open) reasons.set(question, 'has a check that accepts the answers of other examples');
  return questions.map((question) => reasons.get(question) ?? null);
}

/** Answers of examples from all over the set that are unlike this one's, in answer and check. */
function answersOfOthers(questions: readonly ExampleQuestion[], own: number): string[] {
  const { check, answer } = (questions[own] as ExampleQuestion).example;
  if (check.kind === 'judge') return [];
  const ownCheck = JSON.stringify(check);
  const stride = Math.max(1, Math.floor(questions.length / (OTHERS * 2)));
  const answers = new Set<string>();
  for (let step = 1; step * stride < questions.length && answers.size < OTHERS; step++) {
    const { example } = questions[(own + step * stride) % questions.length] as ExampleQuestion;
    if (JSON.stringify(example.check) === ownCheck || comparable(example.answer) === comparable(answer)) continue;
    answers.add(example.answer);
  }
  return [...answers];
}
