import type { Answer, FailureKind } from '@cogumi/contracts';

/** What went wrong with a wrong answer: what its judge said, or without its word what can be seen of it. */
export function failureKind({ answer, finish, failure }: Pick<Answer, 'answer' | 'finish' | 'failure'>): FailureKind {
  if (answer.trim() === '') return 'empty';
  return failure ?? (finish === 'length' ? 'cut' : 'wrong');
}
