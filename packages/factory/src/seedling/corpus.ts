import type { Difficulty, Domain, Row, TextRow } from '@cogumi/contracts';
import { createRandom, type Random } from '../random/random.ts';
import { FAMILIES } from '../teachers/procedural/families.ts';
import { isTestKey } from '../teachers/procedural/split.ts';
import { SMALL_TALK } from './small-talk.ts';
import { askForStory, planStory, tellStory } from './stories.ts';

/** Own text, shipped with the project. */
const LICENCE = 'Apache-2.0';

/**
 * What the seedling reads, as weights: strong in language, reading and following, while coding, tool use and reasoning
 * are seen only now and then, so that modifiers have something to teach (chosen; measured in docs/log.md).
 */
export const SEEDLING_MIX: Readonly<Record<Domain | 'story' | 'story-request' | 'small-talk', number>> = {
  story: 6,
  'story-request': 8,
  'small-talk': 2,
  reading: 18,
  summarization: 12,
  instruction_following: 16,
  common_sense: 12,
  math: 12,
  coding: 1,
  tool_use: 1,
  reasoning: 2,
};

/**
 * The seedling's corpus: rows without end in fact, `rows` in number, equal for equal seeds. Only facts of the train
 * split and known wordings occur; no question occurs twice but small talk and requests for stories.
 */
export function* seedlingCorpus({ rows, seed }: { rows: number; seed: number }): Generator<Row | TextRow> {
  const random = createRandom(`seedling/${seed}`);
  const seen = new Set<string>();
  const kinds = Object.keys(SEEDLING_MIX) as (keyof typeof SEEDLING_MIX)[];
  const whole = Object.values(SEEDLING_MIX).reduce((sum, weight) => sum + weight, 0);
  const pickKind = () => {
    let left = random.next() * whole;
    for (const kind of kinds) {
      left -= SEEDLING_MIX[kind];
      if (left < 0) return kind;
    }
    return 'story';
  };
  for (let number = 1; number <= rows; ) {
    const row = makeRow(pickKind(), number, random);
    if (row === null) continue;
    if ('question' in row && row.domain !== null) {
      if (seen.has(row.question)) continue;
      seen.add(row.question);
    }
    number++;
    yield row;
  }
}

function makeRow(kind: keyof typeof SEEDLING_MIX, number: number, random: Random): Row | TextRow | null {
  if (kind === 'story')
    return { text: tellStory(planStory(random), random), source: 'seedling/stories', licence: LICENCE };
  if (kind === 'story-request') {
    const plan = planStory(random);
    return chat(number, null, null, askForStory(plan, random), tellStory(plan, random), 'seedling/stories');
  }
  if (kind === 'small-talk') {
    const [asked, answer] = random.pick(SMALL_TALK);
    return chat(number, null, null, random.pick(asked), answer, 'seedling/small-talk');
  }
  const family = random.pick([...FAMILIES.values()].filter(({ domain }) => domain === kind));
  const difficulty = random.pick(family.difficulties);
  const draw = family.draw(random, difficulty, random.pick(family.wordings.known));
  // The tests' facts stay unseen: see split.ts.
  if (isTestKey(family.name, draw.key)) return null;
  return chat(number, kind, difficulty, draw.question, draw.answer, family.name);
}

function chat(
  number: number,
  domain: Domain | null,
  difficulty: Difficulty | null,
  question: string,
  answer: string,
  source: string,
): Row {
  return {
    question_id: `seedling_${String(number).padStart(7, '0')}`,
    domain,
    difficulty,
    history: [],
    question,
    answer,
    reasoning: null,
    source,
    licence: LICENCE,
    teacher: 'procedural:master',
  };
}
