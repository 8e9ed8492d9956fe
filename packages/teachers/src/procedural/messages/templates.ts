import { createRandom, type Random } from '@cogumi/pure';
import { isTestFact } from '../split.ts';

/** Most draws for each message before the templates count as exhausted (chosen). */
const MOST_DRAWS = 200;

export interface MakeMessages {
  readonly count: number;
  readonly split: 'train' | 'test';
  readonly seed: number | string;
}

/** Templates of messages, and what fills their gaps. `#` stands for a number; another sign for one of its words. */
export interface MessageKind {
  /** Of the random stream. */
  readonly name: string;
  readonly templates: readonly string[];
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Makes a message of a filled template. */
  readonly finish: (text: string, random: Random) => string;
}

/**
 * Fills templates at random. A message belongs to the test split by its template, so that no template is both learned and tested.
 *
 * @returns At most `count` different messages; fewer if the templates give no more.
 */
export function fillTemplates(kind: MessageKind, { count, split, seed }: MakeMessages): string[] {
  const random = createRandom(`${seed}/${kind.name}`);
  const templates = kind.templates.filter((template) => isTestFact('follow-ups', template) === (split === 'test'));
  const found = new Set<string>();
  for (let drawn = 0; found.size < count && drawn < count * MOST_DRAWS; drawn++) {
    found.add(kind.finish(fill(random.pick(templates), kind.words, random), random));
  }
  return [...found];
}

function fill(template: string, words: MessageKind['words'], random: Random): string {
  let text = template.replace(/#/g, () => String(2 + Math.floor(random.next() * 40)));
  for (const [sign, choices] of Object.entries(words)) text = text.replaceAll(sign, () => random.pick(choices));
  return text;
}
