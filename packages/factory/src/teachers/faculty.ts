import type { Question } from '@cogumi/contracts';
import type { QuestionsOptions } from '../stages/questions/options.ts';
import type { Spend } from './ledger.ts';
import type { Judgement } from './procedural/family.ts';

/** What a teacher said to a question, parsed: the answer, what it thought, and what it cost. */
export interface Reply {
  readonly teacher: string;
  /** null: the reply could not be used; `reason` says why. */
  readonly answer: string | null;
  readonly reasoning: string | null;
  readonly reason: string;
}

/** All teachers and judges a build may ask, behind one door that counts the money. */
export interface Faculty {
  makeQuestions(options: QuestionsOptions & { seed: number }): Question[];
  /** Asks one teacher; replies in the order of the questions. @throws CogumiError TEACHER_UNKNOWN, BUDGET_EXCEEDED. */
  ask(teacher: string, questions: readonly Question[], stage: string, signal: AbortSignal): Promise<Reply[]>;
  /** Exact judgement, in the order of the items. */
  judge(items: readonly { question: Question; answer: string }[]): Promise<Judgement[]>;
  spend(): Spend[];
}
