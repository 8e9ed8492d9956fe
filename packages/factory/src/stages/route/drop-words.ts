import type { Random } from '../../random/random.ts';

/** Share of words that go (chosen: enough to break a phrasing, little enough to leave what it is about). */
const DROPPED = 0.3;

/**
 * A prompt with some of its words gone and its start or end cut: what it is about stays, how it is put does not. A router
 * that also learns from such prompts holds on to the first, and new wordings confuse it less.
 */
export function dropWords(text: string, random: Random): string {
  const words = text.split(' ');
  const length = random.integer(Math.ceil(words.length / 2), words.length);
  const start = random.integer(0, words.length - length);
  const kept = words.slice(start, start + length).filter(() => !random.chance(DROPPED));
  return kept.length > 0 ? kept.join(' ') : text;
}
