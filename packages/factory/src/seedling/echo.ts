import type { Random } from '../random/random.ts';
import { COLOURS, JOBS, NAMES, WORDS } from '../teachers/procedural/words/words.ts';

/** Most words of one echo: longer than any answer that the families ask for. */
const MOST_WORDS = 14;
const TOKENS = [...WORDS, ...NAMES, ...COLOURS, ...JOBS];

const REQUESTS: readonly ((words: string) => string)[] = [
  (words) => `Echo: ${words}`,
  (words) => `"${words}" Say this.`,
  (words) => `Write this: ${words}`,
  (words) => `${words}\nOnce more, please.`,
  (words) => `Read and write: ${words}`,
];

/**
 * A request to say words again that make no sense together, so that nothing but looking back helps: what teaches a small
 * model to copy (induction heads; Olsson et al. 2022, repeated random tokens).
 */
export function askForEcho(random: Random): { asked: string; words: string } {
  const count = random.integer(1, MOST_WORDS);
  const words = Array.from({ length: count }, () =>
    random.chance(0.05) ? String(random.integer(1, 99)) : random.pick(TOKENS),
  ).join(' ');
  return { asked: random.pick(REQUESTS)(words), words };
}
