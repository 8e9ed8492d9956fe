import { CogumiError, type Difficulty, type Domain, EXIT, type Question } from '@cogumi/contracts';
import { createRandom } from '@cogumi/pure';
import { isTestFact } from './split.ts';
import type { Draw, Task } from './task.ts';
import { TASKS } from './tasks.ts';

/** A request for generated questions. */
export interface MakeQuestions {
  readonly domains: Readonly<Record<Domain, { easy: number; hard: number }>>;
  readonly split: 'train' | 'test';
  /** Share of questions in held-out wordings, 0..1; 0 for `train`. */
  readonly unseenShare: number;
  /** Equal seeds give equal questions. Callers that need different ones extend the seed. */
  readonly seed: number | string;
  /** Whether questions of a task are wanted; left out: of all. */
  readonly takes?: (task: string) => boolean;
  /** Whether tasks that run out give what they have, in place of an error. */
  readonly mayRunOut?: boolean;
}

/** Consecutive repeats after which a task counts as exhausted (chosen). */
const MOST_REPEATS = 200;

/**
 * The requested number of questions, spread evenly over the tasks of each domain, without repeats and without questions of the
 * other split: the hash of a fact decides whether it belongs to `test` or `train`.
 *
 * @throws CogumiError QUESTIONS_EXHAUSTED when the tasks of a domain have no more new questions, unless they may run out.
 */
export function makeQuestions(request: MakeQuestions): Question[] {
  return [...drawQuestions(request)];
}

/** As `makeQuestions`, one question at a time. */
export function* drawQuestions(request: MakeQuestions): Generator<Question> {
  const { domains, split, unseenShare, seed, takes = () => true, mayRunOut = false } = request;
  for (const [domain, counts] of Object.entries(domains) as [Domain, { easy: number; hard: number }][]) {
    for (const difficulty of ['easy', 'hard'] as const) {
      const tasks = [...TASKS.values()].filter(
        (task) => task.domain === domain && task.difficulties.includes(difficulty) && takes(task.name),
      );
      const seen = new Set<string>();
      // Tasks alternate; an exhausted one (small sums) leaves its turn to the others.
      const turns = [...tasks];
      for (let number = 1; number <= counts[difficulty]; ) {
        const at = (number - 1) % Math.max(1, turns.length);
        const task = turns[at];
        if (!task && mayRunOut) break;
        if (!task) throw exhausted(domain, difficulty, split, counts[difficulty], seen.size);
        const random = createRandom(`${seed}/${split}/${domain}/${difficulty}/${number}`);
        const unseen = random.chance(unseenShare);
        const question = makeOne(
          task,
          difficulty,
          split,
          unseen,
          `${seed}/${split}/${difficulty}/${number}`,
          seen,
          number,
        );
        if (question) {
          yield question;
          number++;
        } else turns.splice(at, 1);
      }
    }
  }
}

/**
 * Repeats the draw of a question, which gives its answer, steps and wrong answer: the knowledge of a procedural teacher.
 *
 * @throws CogumiError FAMILY_UNKNOWN or QUESTIONS_OUTDATED when another version of the tasks made the question.
 */
export function redraw({ question_id, question, task, difficulty, wording, draw }: Question): Draw {
  const found = TASKS.get(task);
  if (!found) {
    throw new CogumiError(
      'FAMILY_UNKNOWN',
      `No generator is called ${task}.`,
      'The questions are from another version: generate them again.',
    );
  }
  const drawn = found.draw(createRandom(draw), difficulty, wording);
  // A task that has changed since draws another question from the same seed, and would answer that one.
  if (drawn.question !== question) {
    throw new CogumiError(
      'QUESTIONS_OUTDATED',
      `Question ${question_id} was made by another version of ${task}: its seed now gives another question.`,
      'Generate the questions again: raise the version of the stage `questions`, or use an empty store.',
    );
  }
  return drawn;
}

function makeOne(
  task: Task,
  difficulty: Difficulty,
  split: 'train' | 'test',
  unseen: boolean,
  seed: string,
  seen: Set<string>,
  number: number,
): Question | null {
  for (let attempt = 0; attempt < MOST_REPEATS; attempt++) {
    const draw = `${seed}/${task.name}/${attempt}`;
    const wordings = unseen ? task.wordings.unseen : task.wordings.known;
    const wording = createRandom(`${draw}/wording`).pick(wordings);
    const drawn = task.draw(createRandom(draw), difficulty, wording);
    const identity = `${task.name}|${drawn.key}`;
    if (isTestFact(task.name, drawn.fact) !== (split === 'test') || seen.has(identity)) continue;
    seen.add(identity);
    return {
      question_id: `${task.domain}_${difficulty}_${String(number).padStart(4, '0')}`,
      domain: task.domain,
      difficulty,
      task: task.name,
      wording,
      unseen,
      draw,
      question: drawn.question,
      facts: drawn.facts,
    };
  }
  return null;
}

function exhausted(
  domain: Domain,
  difficulty: Difficulty,
  split: string,
  requested: number,
  made: number,
): CogumiError {
  return new CogumiError(
    'QUESTIONS_EXHAUSTED',
    `The generators of ${domain} gave ${made} different ${difficulty} questions of the ${split} split; ${requested} are requested.`,
    'Request fewer questions of this domain.',
    { exitCode: EXIT.usage },
  );
}
