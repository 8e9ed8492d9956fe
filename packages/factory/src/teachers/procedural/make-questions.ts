import { CogumiError, type Difficulty, type Domain, type Question } from '@cogumi/contracts';
import { createRandom } from '../../random/random.ts';
import { FAMILIES } from './families.ts';
import type { Draw, Family } from './family.ts';
import { isTestKey } from './split.ts';

export interface MakeQuestions {
  readonly domains: Readonly<Partial<Record<Domain, { easy: number; hard: number }>>>;
  readonly split: 'train' | 'test';
  /** Share of questions in wordings kept for tests; 0 for `train`. */
  readonly unseenShare: number;
  readonly seed: number;
}

/** A family that gives only repeats this often in a row is out of new questions. */
const MOST_REPEATS = 200;

/**
 * Exactly the counts asked for, spread evenly over the families of each domain, no question twice, and none of the
 * other split: a fact belongs to `test` or to `train` by its hash alone.
 *
 * @throws CogumiError QUESTIONS_EXHAUSTED when a family has no more different questions.
 */
export function makeQuestions({ domains, split, unseenShare, seed }: MakeQuestions): Question[] {
  const made: Question[] = [];
  for (const [domain, counts] of Object.entries(domains) as [Domain, { easy: number; hard: number }][]) {
    for (const difficulty of ['easy', 'hard'] as const) {
      const families = [...FAMILIES.values()].filter(
        (family) => family.domain === domain && family.difficulties.includes(difficulty),
      );
      const seen = new Set<string>();
      for (let number = 1; number <= counts[difficulty]; number++) {
        const family = families[(number - 1) % families.length] as Family;
        const random = createRandom(`${seed}/${split}/${domain}/${difficulty}/${number}`);
        made.push(makeOne(family, difficulty, split, random.chance(unseenShare), `${seed}/${split}/${difficulty}/${number}`, seen, number));
      }
    }
  }
  return made;
}

/** The draw behind a question, with the answer, the steps and the slip: what a procedural teacher knows. */
export function redraw({ family, difficulty, wording, draw }: Question): Draw {
  const found = FAMILIES.get(family);
  if (!found) {
    throw new CogumiError('FAMILY_UNKNOWN', `No generator is called ${family}.`, 'The questions are from another version: make them anew.');
  }
  return found.draw(createRandom(draw), difficulty, wording);
}

function makeOne(
  family: Family,
  difficulty: Difficulty,
  split: 'train' | 'test',
  unseen: boolean,
  seed: string,
  seen: Set<string>,
  number: number,
): Question {
  for (let attempt = 0; attempt < MOST_REPEATS; attempt++) {
    const draw = `${seed}/${family.name}/${attempt}`;
    const wordings = unseen ? family.wordings.unseen : family.wordings.known;
    const wording = createRandom(`${draw}/wording`).pick(wordings);
    const drawn = family.draw(createRandom(draw), difficulty, wording);
    const identity = `${family.name}|${drawn.key}`;
    if (isTestKey(family.name, drawn.key) !== (split === 'test') || seen.has(identity)) continue;
    seen.add(identity);
    return {
      question_id: `${family.domain}_${difficulty}_${String(number).padStart(4, '0')}`,
      domain: family.domain,
      difficulty,
      family: family.name,
      wording,
      unseen,
      draw,
      question: drawn.question,
      facts: drawn.facts,
    };
  }
  throw new CogumiError(
    'QUESTIONS_EXHAUSTED',
    `${family.name} gave no new ${difficulty} question of the ${split} split in ${MOST_REPEATS} tries, after ${seen.size} of its domain.`,
    'Ask for fewer questions of this domain.',
  );
}
