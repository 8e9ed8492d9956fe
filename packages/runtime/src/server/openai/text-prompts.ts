import { z } from 'zod';
import type { TextPrompt } from '../../runtime.ts';
import { MOST_PROMPT_TOKENS } from '../limits.ts';

const Ids = z.array(z.int().min(0)).min(1).max(MOST_PROMPT_TOKENS);

/** A text or token ids, or a list of at most so many of them. */
export const textPrompts = (most: number) =>
  z.union([z.string(), Ids, z.array(z.string()).min(1).max(most), z.array(Ids).min(1).max(most)]);

/** The texts, of which there is at least one. */
export function promptsOf(given: z.infer<ReturnType<typeof textPrompts>>): readonly [TextPrompt, ...TextPrompt[]] {
  const single = typeof given === 'string' || typeof given[0] === 'number';
  return single ? [given as TextPrompt] : (given as [TextPrompt, ...TextPrompt[]]);
}
