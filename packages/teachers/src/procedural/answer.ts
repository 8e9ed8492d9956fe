import type { Question } from '@cogumi/contracts';
import { createRandom } from '@cogumi/pure';
import type { Grade } from './grades.ts';
import { redraw } from './make-questions.ts';
import { structuredReply } from './reply.ts';

/** What a procedural teacher of a grade says to a question: the right answer, or on a bad day its slip. */
export function answerAs(grade: Grade, question: Question): string {
  const { answer, wrongAnswer, reasoning } = redraw(question);
  const isWrong = createRandom(`${grade.teacher}/${question.draw}`).chance(grade.errorRate);
  const said = isWrong ? wrongAnswer : answer;
  if (question.difficulty === 'easy') return said;
  return structuredReply(said, isWrong ? 'Nothing to mend.' : 'It answers what was asked.', reasoning ?? said, said);
}
