import type { Question, Teacher } from '@cogumi/contracts';
import { normaliseText } from '@cogumi/pure';
import type { Judgement } from '../procedural/task.ts';
import type { Program, ProgramResult } from '../sandbox/sandbox.ts';

/** An answer to be judged, and by what. */
export interface CheckedAnswer<Check> {
  readonly question: Question;
  readonly check: Check;
  readonly answer: string;
}

/** What a checker may use that is not a function of the answer. */
export interface CheckTools {
  /** Runs programs in the sandbox; results in their order. */
  runPrograms(programs: readonly Program[]): Promise<ProgramResult[]>;
  /** Has a teacher score answers, 1..10; null where it gave none. */
  scoreAnswers(
    teacher: Teacher,
    items: readonly { question: Question; answer: string; reference: string | null }[],
  ): Promise<(number | null)[]>;
}

/** Judges answers of one kind, in their order. Any text may be an answer, a hostile one too; none makes it throw. */
export type Checker<Check> = (items: readonly CheckedAnswer<Check>[], tools: CheckTools) => Promise<Judgement[]>;

/** A checker that judges one answer at a time by what the example expects. */
export function eachAnswer<Check>(judge: (check: Check, answer: string) => Judgement): Checker<Check> {
  return async (items) => items.map(({ check, answer }) => judge(check, answer));
}

/** Longest answer that is looked at (chosen: far above what small models are asked for). */
const LONGEST_ANSWER = 20_000;

/** The beginning of an answer: whatever a model says, judging it takes bounded time. */
export function bounded(answer: string): string {
  return answer.slice(0, LONGEST_ANSWER);
}

/** A text without what does not count in a comparison: case, spacing, Unicode form and a closing full stop. */
export function comparable(text: string): string {
  return normaliseText(text).replace(/\.$/, '');
}

/** Of a text in a reason, so much is shown. */
export function shown(text: string): string {
  return text.length <= 120 ? `"${text}"` : `"${text.slice(0, 120)}…"`;
}
