import type { Question, Teacher } from '@cogumi/contracts';
import type { ModelAnswer, ModelJudgement } from './extraction/judge-extracted.ts';
import type { MakeQuestions } from './procedural/make-questions.ts';
import type { Judgement } from './procedural/task.ts';
import type { ChatCall } from './provider.ts';

/** A parsed reply of a teacher to a question. */
export interface Reply {
  readonly teacher: string;
  /** null: the reply is unusable, for the reason in `reason`. */
  readonly answer: string | null;
  readonly reasoning: string | null;
  readonly reason: string;
}

/** What requests are made for: the ledger records it, and it decides how they are sent. */
export interface RequestContext {
  readonly stage: string;
  /** Position in a cascade, from 0; null outside a cascade. */
  readonly tier: number | null;
  /** Whether the answers may take up to a day, for half the price; false for small and urgent work. */
  readonly batchable: boolean;
  readonly signal: AbortSignal;
  /** 0 (default), or the number of a further sample of the same questions, which is drawn with a temperature. */
  readonly sample?: number;
  /** Reports the number of replies received. */
  onProgress?(done: number): void;
}

/** All teachers and judges of a build behind one interface, which keeps them within the budget. */
export interface TeacherPool {
  /** Questions of the procedural tasks. @throws CogumiError QUESTIONS_EXHAUSTED; the reason of `signal`. */
  makeQuestions(request: MakeQuestions, signal: AbortSignal, onMade?: (count: number) => void): Promise<Question[]>;
  /**
   * Asks one teacher. Returns replies in the order of the questions. A reply in the wrong format is requested again; if it
   * stays wrong, it is returned as unusable.
   *
   * @throws BudgetExceededError, ProviderError. Paid replies are kept.
   */
  ask(teacher: Teacher, questions: readonly Question[], requestContext: RequestContext): Promise<Reply[]>;
  /** Completes free prompts, as for writing questions and scoring answers; null where there is no reply. */
  complete(
    teacher: Teacher,
    calls: readonly Omit<ChatCall, 'model'>[],
    requestContext: RequestContext,
  ): Promise<(string | null)[]>;
  /**
   * Judges answers as they stand, each by the checker of its question, in the order of the items: rows have to have the form that is
   * asked for. Only examples that a teacher judges cost anything.
   */
  judge(
    items: readonly { question: Question; answer: string }[],
    requestContext: Pick<RequestContext, 'stage' | 'signal' | 'batchable'>,
  ): Promise<Judgement[]>;
  /** Judges answers of models that are compared: one that is right in prose is right. In the order of the items. */
  judgeModel(
    items: readonly ModelAnswer[],
    requestContext: Pick<RequestContext, 'stage' | 'signal' | 'batchable'>,
  ): Promise<ModelJudgement[]>;
}
