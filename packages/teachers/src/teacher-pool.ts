import type { Question, Teacher } from '@cogumi/contracts';
import type { MakeQuestions } from './procedural/make-questions.ts';
import type { Judgement } from './procedural/task.ts';
import type { ChatCall } from './provider.ts';

/** What a teacher said to a question, parsed. */
export interface Reply {
  readonly teacher: string;
  /** null: the reply could not be used; `reason` says why. */
  readonly answer: string | null;
  readonly reasoning: string | null;
  readonly reason: string;
}

/** Who asks, for the ledger. */
export interface RequestContext {
  readonly stage: string;
  /** Place in a cascade, from 0; null outside of one. */
  readonly tier: number | null;
  /** Whether the answers are worth a wait for half the price; small and urgent work says no. */
  readonly batchable: boolean;
  readonly signal: AbortSignal;
  /** 0, or the number of another sample of the same: asked anew, and not greedily. */
  readonly sample?: number;
  /** How many replies are here. */
  onProgress?(done: number): void;
}

/** All teachers and judges a build may ask, behind one door that counts the money. */
export interface TeacherPool {
  /** From the procedural generators. @throws CogumiError QUESTIONS_EXHAUSTED; what `signal` carries. */
  makeQuestions(wanted: MakeQuestions, signal: AbortSignal, onMade?: (count: number) => void): Promise<Question[]>;
  /**
   * Has questions answered by one teacher; replies in the order of the questions. Replies out of form are asked for again,
   * then come back as unusable.
   *
   * @throws BudgetExceededError, ProviderError; what was paid for is kept.
   */
  ask(teacher: Teacher, questions: readonly Question[], requestContext: RequestContext): Promise<Reply[]>;
  /** Has free prompts answered, for questions to be written and answers to be scored; null where no reply could be had. */
  complete(
    teacher: Teacher,
    calls: readonly Omit<ChatCall, 'model'>[],
    requestContext: RequestContext,
  ): Promise<(string | null)[]>;
  /** Exact judgement of procedural questions, in the order of the items. */
  judge(items: readonly { question: Question; answer: string }[]): Promise<Judgement[]>;
}
