import type { Question, Teacher } from '@cogumi/contracts';
import type { Spend } from './ledger.ts';
import type { Judgement } from './procedural/family.ts';
import type { MakeQuestions } from './procedural/make-questions.ts';

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
  /** @throws CogumiError QUESTIONS_EXHAUSTED; what `signal` carries. */
  makeQuestions(wanted: MakeQuestions, signal: AbortSignal, onMade?: (count: number) => void): Promise<Question[]>;
  /** Asks one teacher; replies in the order of the questions. @throws CogumiError BUDGET_EXCEEDED. */
  ask(teacher: Teacher, questions: readonly Question[], stage: string, signal: AbortSignal): Promise<Reply[]>;
  /** Exact judgement, in the order of the items. */
  judge(items: readonly { question: Question; answer: string }[]): Promise<Judgement[]>;
  spend(): Spend[];
}
