import { BuiltInDomain, type Difficulty, type Domain, type Row, type TextRow } from '@cogumi/contracts';
import { makeRow } from '@cogumi/data/rows';
import { createRandom, type Random } from '@cogumi/pure';
import type { Task } from '@cogumi/teachers/procedural';
import { isTestFact, TASKS } from '@cogumi/teachers/procedural';
import { askForEcho, tellEcho } from './echo.ts';
import { SMALL_TALK } from './small-talk.ts';
import { askForStory, planStory, tellStory } from './stories.ts';

/** Of Cogumi's own text. */
const LICENCE = 'Apache-2.0';

/**
 * Weights of the parts. Language, copying, reading and following instructions are frequent. Coding, tool use and reasoning are
 * rare, so that modifiers have something to teach (chosen; measured in docs/log.md).
 */
export const SEEDLING_MIX: Readonly<Record<BuiltInDomain | 'story' | 'story-request' | 'small-talk' | 'echo', number>> =
  {
    story: 6,
    'story-request': 8,
    'small-talk': 2,
    echo: 8,
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
 * The first rows are only echoes. A model learns to copy (induction heads; Olsson et al. 2022) after many more tokens than the
 * seedling reads, unless it sees 2 M tokens of echoes first (measured: docs/log.md).
 */
const ECHOES_FIRST = 80_000;

/** Tasks that the seedling never sees, so that fine-tuning has something to teach (chosen). */
const LEFT_TO_TUNING: readonly string[] = [
  'instruction_following/brackets',
  'instruction_following/number',
  'math/count',
  'summarization/common',
];

/** Domains of which the seedling sees every second task; the others are left to modifiers (chosen). */
const LEFT_TO_MODIFIERS: readonly BuiltInDomain[] = ['coding', 'tool_use', 'reasoning'];

/** The tasks that the seedling sees, by domain. */
export const SEEDLING_TASKS: ReadonlyMap<BuiltInDomain, readonly Task[]> = new Map(
  BuiltInDomain.options.map((domain) => {
    const tasks = [...TASKS.values()].filter((task) => task.domain === domain);
    const every = LEFT_TO_MODIFIERS.includes(domain) ? 2 : 1;
    return [domain, tasks.filter(({ name }, at) => at % every === 0 && !LEFT_TO_TUNING.includes(name))];
  }),
);

/**
 * Generates `rows` rows of the seedling's corpus; equal seeds give equal rows. It contains only facts of the train split and known
 * phrasings. No question is repeated, except small talk and requests for stories.
 *
 * @param echoesFirst - Number of rows at the beginning that are only echoes.
 * @param seen - Questions to leave out. The questions of the corpus are added to it.
 */
export function* seedlingCorpus({
  rows,
  seed,
  seen = new Set(),
  echoesFirst = ECHOES_FIRST,
}: {
  rows: number;
  seed: number;
  seen?: Set<string>;
  echoesFirst?: number;
}): Generator<Row | TextRow> {
  const random = createRandom(`seedling/${seed}`);
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
    const row = number <= echoesFirst ? makeEcho(number, random) : makeKind(pickKind(), number, random);
    if (row === null) continue;
    if ('question' in row && row.domain !== null) {
      if (seen.has(row.question)) continue;
      seen.add(row.question);
    }
    number++;
    yield row;
  }
}

function makeKind(kind: keyof typeof SEEDLING_MIX, number: number, random: Random): Row | TextRow | null {
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
  if (kind === 'echo') return makeEcho(number, random);
  const task = random.pick(SEEDLING_TASKS.get(kind) as readonly Task[]);
  const difficulty = random.pick(task.difficulties);
  const draw = task.draw(random, difficulty, random.pick(task.wordings.known));
  // Facts of the test split are left out: see split.ts of the procedural teachers.
  if (isTestFact(task.name, draw.fact)) return null;
  return chat(number, kind, difficulty, draw.question, draw.answer, task.name);
}

function makeEcho(number: number, random: Random): Row | TextRow | null {
  if (random.chance(0.5)) return { text: tellEcho(random), source: 'seedling/echo', licence: LICENCE };
  const { words, asked } = askForEcho(random);
  if (isTestFact('instruction_following/copy', `${words} `)) return null;
  return chat(number, null, null, asked, words, 'seedling/echo');
}

function chat(
  number: number,
  domain: Domain | null,
  difficulty: Difficulty | null,
  question: string,
  answer: string,
  source: string,
): Row {
  return makeRow({
    question_id: `seedling_${String(number).padStart(7, '0')}`,
    domain,
    difficulty,
    question,
    answer,
    source,
    licence: LICENCE,
    teacher: 'procedural:master',
  });
}
