import type { Question } from '@cogumi/contracts';
import { createRandom } from '@cogumi/pure';
import type { Grade } from './grades.ts';
import { redraw } from './make-questions.ts';
import { structuredReply } from './reply.ts';

/** The answer of a procedural teacher of a grade: the correct one, or at its error rate the wrong one of the draw. */
export function answerAs(grade: Grade, question: Question): string {
  const { answer, wrongAnswer, reasoning } = redraw(question);
  const isWrong = createRandom(`${grade.teacher}/${question.draw}`).chance(grade.errorRate);
  const said = isWrong ? wrongAnswer : answer;
  if (question.difficulty === 'easy') return said;
  return structuredReply(said, isWrong ? 'Nothing to mend.' : 'It answers what was asked.', reasoning ?? said, said);
}
