import { setImmediate } from 'node:timers/promises';
import type { Question } from '@cogumi/contracts';
import type { Faculty, Reply } from './faculty.ts';
import type { Ledger } from './ledger.ts';
import { answerAs } from './procedural/answer.ts';
import { GRADES, type Grade } from './procedural/grades.ts';
import { createJudge } from './procedural/judge.ts';
import { drawQuestions } from './procedural/make-questions.ts';
import { parseReply } from './procedural/reply.ts';

/** Questions drawn between two looks at the signal: a tenth of a second (chosen). */
const BREATH = 200;

/** Longest reply that is paid for; procedural ones stay below 200 tokens. */
const MOST_REPLY_TOKENS = 512;

/** The teachers and judges of a build, every request reserved in the ledger before it is made. */
export function createFaculty(ledger: Ledger): Faculty & { close(): Promise<void> } {
  const judge = createJudge();

  return {
    async makeQuestions(wanted, signal, onMade) {
      const made: Question[] = [];
      for (const question of drawQuestions(wanted)) {
        if (made.length % BREATH === 0) {
          // Signals and progress get their turn.
          await setImmediate();
          signal.throwIfAborted();
          onMade?.(made.length);
        }
        made.push(question);
      }
      return made;
    },
    async ask(teacher, questions, stage, signal) {
      const grade = GRADES.find((known) => known.teacher === teacher) as Grade;
      const replies: Reply[] = [];
      for (const question of questions) {
        signal.throwIfAborted();
        const id = ledger.reserve({ stage, teacher, worst: cost(grade, tokens(question.question), MOST_REPLY_TOKENS) });
        const text = answerAs(grade, question);
        ledger.settle(id, cost(grade, tokens(question.question), tokens(text)));
        replies.push(toReply(teacher, question, text));
      }
      return replies;
    },
    judge: (items) => judge.judge(items),
    spend: () => ledger.summary(),
    close: () => judge.close(),
  };
}

function toReply(teacher: string, question: Question, text: string): Reply {
  const parsed = parseReply(text, question.difficulty === 'hard');
  if (!parsed) return { teacher, answer: null, reasoning: null, reason: 'the reply does not keep the form asked for' };
  return { teacher, ...parsed, reason: '' };
}

/** USD. */
function cost({ inputPrice, outputPrice }: Grade, inputTokens: number, outputTokens: number): number {
  return (inputTokens * inputPrice + outputTokens * outputPrice) / 1e6;
}

/** Four characters a token, as providers' own rule of thumb says; enough where nothing is really paid. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
