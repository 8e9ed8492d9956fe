import { setImmediate } from 'node:timers/promises';
import type { Question, Teacher } from '@cogumi/contracts';
import { askAll, type Office } from './dispatch/ask-all.ts';
import { type Asked, type Desk, makeAsked, type Outcome } from './dispatch/asked.ts';
import { Lane } from './dispatch/lane.ts';
import { runBatches } from './dispatch/run-batches.ts';
import type { Faculty, Purpose, Reply } from './faculty.ts';
import type { Desks } from './find-desks.ts';
import type { TeachersOptions } from './options.ts';
import { createJudge } from './procedural/judge.ts';
import { drawQuestions } from './procedural/make-questions.ts';
import { parseReply } from './procedural/reply.ts';
import { answerPrompt } from './prompts/answer-prompt.ts';
import { type ChatCall, ProviderError } from './provider.ts';

/** Questions drawn between two looks at the signal: a tenth of a second (chosen). */
const BREATH = 200;

/** How often a reply out of form is asked for in all (chosen). */
const MOST_FORM_ATTEMPTS = 3;

/** From how many requests on half the price is worth the wait (chosen). */
const LEAST_BATCH = 10;

export interface FacultyHouse {
  readonly desks: Desks;
  readonly office: Office;
  readonly recipe: string;
  /** Which requests go to batch APIs. */
  readonly batch: TeachersOptions['batch'];
}

/** The teachers and judges of a build, every request reserved in the ledger before it is made. */
export function createFaculty(house: FacultyHouse): Faculty & { close(): Promise<void> } {
  const judge = createJudge();
  const lanes = new Map<string, Lane>();
  const laneOf = ({ provider }: Desk): Lane => {
    const lane = lanes.get(provider.name);
    if (lane) return lane;
    const made = new Lane(provider.name, house.desks.concurrencyOf(provider.name), house.office.clock);
    lanes.set(provider.name, made);
    return made;
  };

  const send = async (asked: readonly Asked[], purpose: Purpose): Promise<readonly Outcome[]> => {
    const desk = asked[0]?.desk;
    if (!desk) return [];
    const { office, recipe } = house;
    const { signal, onProgress } = purpose;
    const worthIt = house.batch === 'always' || (purpose.patient && asked.length >= LEAST_BATCH);
    if (desk.provider.batches && house.batch !== 'never' && worthIt) {
      return refuseTrouble(await runBatches(asked, recipe, office, signal, (done) => onProgress?.(done)));
    }
    return refuseTrouble(await askAll(asked, laneOf(desk), office, signal, (done) => onProgress?.(done)));
  };

  const complete = (
    teacher: Teacher,
    calls: readonly Omit<ChatCall, 'model'>[],
    purpose: Purpose,
    attempt: number,
  ): Promise<readonly Outcome[]> => {
    const desk = house.desks.of(teacher);
    const { stage, tier } = purpose;
    return send(
      calls.map((call) => makeAsked(desk, call, { stage, tier, attempt })),
      purpose,
    );
  };

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
    async ask(teacher, questions, purpose) {
      const sample = purpose.sample ?? 0;
      const replies: Reply[] = [];
      let open = [...questions.keys()];
      for (let attempt = 0; attempt < MOST_FORM_ATTEMPTS && open.length > 0; attempt++) {
        const calls = open.map((at) => answerPrompt(questions[at] as Question, sample + attempt > 0));
        const outcomes = await complete(teacher, calls, purpose, sample * MOST_FORM_ATTEMPTS + attempt);
        for (const [number, at] of open.entries()) {
          replies[at] = toReply(teacher, questions[at] as Question, outcomes[number] as Outcome);
        }
        // An error has been tried often enough; a form may be kept the next time.
        open = open.filter(
          (at, number) => replies[at]?.answer === null && !(outcomes[number] instanceof ProviderError),
        );
      }
      return replies;
    },
    async complete(teacher, calls, purpose) {
      const outcomes = await complete(teacher, calls, purpose, purpose.sample ?? 0);
      return outcomes.map((outcome) => (outcome instanceof ProviderError ? null : outcome.text));
    },
    judge: (items) => judge.judge(items),
    close: () => judge.close(),
  };
}

/** Failures that say something about the provider, and nothing about what was asked. */
const BUSY: readonly ProviderError['kind'][] = ['rate-limited', 'overloaded', 'unreachable', 'timeout'];

/** Share of requests that may fail for good by what they ask (chosen): more, and something is wrong with the provider. */
const MOST_LOST = 0.01;

/**
 * A provider in trouble is no answer: the work stops and goes on another day, or a bad hour would stand in the store as a result.
 *
 * @throws ProviderError the first of the failures.
 */
function refuseTrouble(outcomes: readonly Outcome[]): readonly Outcome[] {
  const passing = outcomes.filter((outcome) => outcome instanceof ProviderError).filter((error) => error.passing);
  const trouble = passing.find(({ kind }) => BUSY.includes(kind));
  if (trouble) throw trouble;
  if (passing.length > Math.max(1, outcomes.length * MOST_LOST)) throw passing[0];
  return outcomes;
}

function toReply(teacher: string, question: Question, outcome: Outcome): Reply {
  const unusable = (reason: string): Reply => ({ teacher, answer: null, reasoning: null, reason });
  if (outcome instanceof ProviderError) return unusable(outcome.message);
  if (outcome.finish === 'length') return unusable('the reply was cut at its longest');
  if (outcome.finish === 'filtered') return unusable('the provider refused to answer');
  const parsed = parseReply(outcome.text, question.difficulty === 'hard');
  return parsed ? { teacher, ...parsed, reason: '' } : unusable('the reply does not keep the form asked for');
}
