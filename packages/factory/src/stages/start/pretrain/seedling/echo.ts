import type { Random } from '@cogumi/pure';
import { COLOURS, JOBS, NAMES, WORDS } from '@cogumi/teachers/procedural/words';

/** Largest number of words in an echo; no answer of a task is longer. */
const MOST_WORDS = 14;
const TOKENS = [...WORDS, ...NAMES, ...COLOURS, ...JOBS];

const REQUESTS: readonly ((words: string) => string)[] = [
  (words) => `Echo: ${words}`,
  (words) => `"${words}" Say this.`,
  (words) => `Write this: ${words}`,
  (words) => `${words}\nOnce more, please.`,
  (words) => `Read and write: ${words}`,
];

/** A request to repeat random words. They can only be predicted by looking back. */
export function askForEcho(random: Random): { asked: string; words: string } {
  const words = anyWords(random, 1, MOST_WORDS);
  return { asked: random.pick(REQUESTS)(words), words };
}

/** Running text that repeats a few random words. */
export function tellEcho(random: Random): string {
  const words = anyWords(random, 3, 12);
  return Array.from({ length: random.integer(2, 5) }, () => words).join(' ');
}

function anyWords(random: Random, least: number, most: number): string {
  return Array.from({ length: random.integer(least, most) }, () =>
    random.chance(0.05) ? String(random.integer(1, 99)) : random.pick(TOKENS),
  ).join(' ');
}
