import { z } from 'zod';

/** The eight fields of skill that data is made for and measured in. */
export const DOMAINS = [
  'coding',
  'math',
  'tool_use',
  'reasoning',
  'reading',
  'summarization',
  'common_sense',
  'instruction_following',
] as const;
export const Domain = z.enum(DOMAINS);
export type Domain = z.infer<typeof Domain>;

/** Of one domain and difficulty: they are held in memory while they are made (0.6 KB each). */
const MOST_QUESTIONS = 1_000_000;

/** How many questions of a domain. */
export const DomainCounts = z.strictObject({
  easy: z.int().nonnegative().max(MOST_QUESTIONS).default(0).describe('Easy questions; the count is exact.'),
  hard: z.int().nonnegative().max(MOST_QUESTIONS).default(0).describe('Hard questions; the count is exact.'),
});

export const Difficulty = z.enum(['easy', 'hard']);
export type Difficulty = z.infer<typeof Difficulty>;
