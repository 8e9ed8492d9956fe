import { CogumiError, type Difficulty, type Domain, EXIT, type Question } from '@cogumi/contracts';
import { createRandom } from '@cogumi/pure';
import { isTestFact } from './split.ts';
import type { Draw, Task } from './task.ts';
import { TASKS } from './tasks.ts';

export interface MakeQuestions {
  readonly domains: Readonly<Partial<Record<Domain, { easy: number; hard: number }>>>;
  readonly split: 'train' | 'test';
  /** Share of questions in wordings kept for tests; 0 for `train`. */
  readonly unseenShare: number;
  /** Equal seeds make equal questions; whoever wants others adds a word of its own. */
  readonly seed: number | string;
}

/** A task that gives only repeats this often in a row is out of new questions. */
const MOST_REPEATS = 200;

/**
 * Exactly the counts asked for, spread evenly over the tasks of each domain, no question twice, and none of the
 * other split: a fact belongs to `test` or to `train` by its hash alone.
 *
 * @throws CogumiError QUESTIONS_EXHAUSTED when no task of a domain has a new question left.
 */
export function makeQuestions(wanted: MakeQuestions): Question[] {
  return [...drawQuestions(wanted)];
}

/** As `makeQuestions`, one by one. */
export function* drawQuestions({ domains, split, unseenShare, seed }: MakeQuestions): Generator<Question> {
  for (const [domain, counts] of Object.entries(domains) as [Domain, { easy: number; hard: number }][]) {
    for (const difficulty of ['easy', 'hard'] as const) {
      const tasks = [...TASKS.values()].filter(
        (task) => task.domain === domain && task.difficulties.includes(difficulty),
      );
      const seen = new Set<string>();
      // Tasks take turns; one that is out of new questions (small sums) leaves its turn to the others.
      const turns = [...tasks];
      for (let number = 1; number <= counts[difficulty]; ) {
        const at = (number - 1) % Math.max(1, turns.length);
        const task = turns[at];
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
 * The draw behind a question, with the answer, the steps and the slip: what a procedural teacher knows.
 *
 * @throws CogumiError FAMILY_UNKNOWN or QUESTIONS_OUTDATED when the question is of another version of the generators.
 */
export function redraw({ question_id, question, task, difficulty, wording, draw }: Question): Draw {
  const found = TASKS.get(task);
  if (!found) {
    throw new CogumiError(
      'FAMILY_UNKNOWN',
      `No generator is called ${task}.`,
      'The questions are from another version: make them anew.',
    );
  }
  const drawn = found.draw(createRandom(draw), difficulty, wording);
  // A generator that has changed since draws something else from the same seed, and would answer that.
  if (drawn.question !== question) {
    throw new CogumiError(
      'QUESTIONS_OUTDATED',
      `Question ${question_id} was made by another version of ${task}: drawn anew it reads differently.`,
      'Make the questions anew: raise the version of the stage `questions`, or use an empty store.',
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

function exhausted(domain: Domain, difficulty: Difficulty, split: string, wanted: number, made: number): CogumiError {
  return new CogumiError(
    'QUESTIONS_EXHAUSTED',
    `The generators of ${domain} gave ${made} different ${difficulty} questions of the ${split} split; ${wanted} are asked for.`,
    'Ask for fewer questions of this domain.',
    { exitCode: EXIT.usage },
  );
}
