import { CogumiError, EXIT, type ExampleCheck, type Question, type Row } from '@cogumi/contracts';
import type { JsonlWriter } from '@cogumi/data/formats';
import { normaliseText } from '@cogumi/pure';
import type { TeacherPool } from '@cogumi/teachers';
import { exampleCheck, findLooseChecks, REMEDIES } from '@cogumi/teachers/checkers';
import type { ExamplesOptions } from './options.ts';
import type { ReadExample } from './read-examples.ts';

/** Characters of a question in `rejected.jsonl`. */
const START = 200;

type ExampleQuestion = Question & { readonly example: NonNullable<Question['example']> };

interface Usable {
  readonly usable: readonly Question[];
  /** Of these, some were no rows to begin with. */
  readonly rejected: number;
  /** Why the others were left out. */
  readonly reasons: readonly string[];
}

interface Given {
  readonly options: ExamplesOptions;
  /** See `ExampleCheck`. */
  readonly passport: string | null;
  readonly teacherPool: TeacherPool;
  readonly signal: AbortSignal;
}

/**
 * Examples as questions. Left out is what cannot be checked, what repeats another, whose own answer is wrong by its check,
 * and whose check accepts a certainly wrong answer.
 *
 * @throws CogumiError CHECKER_TOO_LOOSE when most checks do.
 */
export async function usableExamples(
  { options, passport, teacherPool, signal }: Given,
  { found, rejected }: { readonly found: readonly ReadExample[]; readonly rejected: number },
  rejects: JsonlWriter,
): Promise<Usable> {
  const reasons: string[] = [];
  const reject = (source: string, question: string, reason: string) => {
    reasons.push(reason);
    return rejects.write({ source, code: 'unusable', reason, start: question.slice(0, START) });
  };
  const seen = new Set<string>();
  const questions: ExampleQuestion[] = [];
  for (const [at, { row, field }] of found.entries()) {
    const found = exampleCheck(options.checker, { answer: row.answer, field });
    const check = 'kind' in found && found.kind === 'judge' ? { ...found, passport } : found;
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
  const items = questions.map((question) => ({ question, answer: question.example.answer }));
  const judge = (given: Parameters<TeacherPool['judge']>[0]) =>
    teacherPool.judge(given, { stage: 'examples', batchable: false, signal });
  const judged = await judge(items);
  const sound: ExampleQuestion[] = [];
  for (const [at, question] of questions.entries()) {
    const judgement = judged[at];
    if (judgement?.correct) sound.push(question);
    else await reject(question.example.source, question.question, 'has an answer that fails its own check');
  }
  const loose = await findLooseChecks(sound, judge);
  refuseLoose(options, sound, loose);
  for (const [at, { question, example }] of sound.entries())
    if (loose[at]) await reject(example.source, question, loose[at]);
  const usable = sound.filter((_, at) => loose[at] === null);
  return { usable, rejected: rejected + reasons.length, reasons };
}

/** A single example may be left out; where most prove nothing it is the checker. @throws CogumiError CHECKER_TOO_LOOSE. */
function refuseLoose(
  { domain, checker }: ExamplesOptions,
  questions: readonly ExampleQuestion[],
  reasons: readonly (string | null)[],
): void {
  const loose = questions.flatMap(({ question }, at) => (reasons[at] ? [{ question, reason: reasons[at] }] : []));
  const [first] = loose;
  if (!first || loose.length * 2 <= questions.length) return;
  throw new CogumiError(
    'CHECKER_TOO_LOOSE',
    `The checker \`${checker.kind}\` of ${domain} accepts wrong answers: ${loose.length} of ${questions.length} examples are loose; the first ${first.reason}: "${first.question.slice(0, START)}".`,
    `${REMEDIES[checker.kind]} See \`domains.${domain}.checker\`.`,
    { exitCode: EXIT.usage },
  );
}

function toQuestion(domain: string, number: number, row: Row, check: ExampleCheck): ExampleQuestion {
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
