import type { ExampleCheck, Question, Row } from '@cogumi/contracts';
import type { JsonlWriter } from '@cogumi/data/formats';
import { normaliseText } from '@cogumi/pure';
import type { TeacherPool } from '@cogumi/teachers';
import { exampleCheck } from '@cogumi/teachers/checkers';
import type { ExamplesOptions } from './options.ts';
import type { ReadExample } from './read-examples.ts';

/** Characters of a question in `rejected.jsonl`. */
const START = 200;

interface Usable {
  readonly usable: readonly Question[];
  /** Of these, some were no rows to begin with. */
  readonly rejected: number;
  /** Why the others were left out. */
  readonly reasons: readonly string[];
}

/** Examples as questions. Left out is what cannot be checked, what repeats another, and whose own answer is wrong by its check. */
export async function usableExamples(
  { options, teacherPool, signal }: { options: ExamplesOptions; teacherPool: TeacherPool; signal: AbortSignal },
  { found, rejected }: { readonly found: readonly ReadExample[]; readonly rejected: number },
  rejects: JsonlWriter,
): Promise<Usable> {
  const reasons: string[] = [];
  const reject = (source: string, question: string, reason: string) => {
    reasons.push(reason);
    return rejects.write({ source, code: 'unusable', reason, start: question.slice(0, START) });
  };
  const seen = new Set<string>();
  const questions: Question[] = [];
  for (const [at, { row, field }] of found.entries()) {
    const check = exampleCheck(options.checker, { answer: row.answer, field });
    const identity = JSON.stringify([row.history, normaliseText(row.question), row.steps, normaliseText(row.answer)]);
    if ('problem' in check) await reject(row.source, row.question, check.problem);
    else if (seen.has(identity)) await reject(row.source, row.question, 'repeats an example before it');
    else {
      questions.push(toQuestion(options.domain, at + 1, row, check));
      seen.add(identity);
    }
  }
  // A teacher that judges would have to be paid: the examples' own answers are believed.
  if (options.checker.kind === 'judge') return { usable: questions, rejected: rejected + reasons.length, reasons };
  const items = questions.map((question) => ({ question, answer: question.example?.answer ?? '' }));
  const judged = await teacherPool.judge(items, { stage: 'examples', batchable: false, signal });
  const usable: Question[] = [];
  for (const [at, question] of questions.entries()) {
    const judgement = judged[at];
    if (judgement?.correct) usable.push(question);
    else await reject(question.example?.source ?? '', question.question, 'has an answer that fails its own check');
  }
  return { usable, rejected: rejected + reasons.length, reasons };
}

function toQuestion(domain: string, number: number, row: Row, check: ExampleCheck): Question {
  const { question, answer, history, steps, source, licence, terms } = row;
  return {
    question_id: `${domain}_example_${String(number).padStart(4, '0')}`,
    domain,
    difficulty: row.difficulty ?? 'easy',
    task: `${domain}/examples`,
    wording: '',
    unseen: null,
    draw: '',
    question,
    facts: null,
    example: { answer, history, ...(steps && { steps }), check, source, licence, terms },
  };
}
