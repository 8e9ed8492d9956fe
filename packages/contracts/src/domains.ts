import { z } from 'zod';

/** The domains that come with generators of questions and with exact checkers. */
export const BUILT_IN_DOMAINS = [
  'coding',
  'math',
  'tool_use',
  'reasoning',
  'reading',
  'summarization',
  'common_sense',
  'instruction_following',
] as const;
export const BuiltInDomain = z.enum(BUILT_IN_DOMAINS);
export type BuiltInDomain = z.infer<typeof BuiltInDomain>;

/** A field of skill that data is made for and measured in: a built-in one, or one that a recipe declares. */
export const Domain = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,30}$/, 'lower-case letters, digits, `_` and `-`, 31 at most, beginning with a letter');
export type Domain = z.infer<typeof Domain>;

export function isBuiltIn(domain: Domain): domain is BuiltInDomain {
  return (BUILT_IN_DOMAINS as readonly string[]).includes(domain);
}

/** Of one domain and difficulty: they are held in memory while they are made (0.6 KB each). */
const MOST_QUESTIONS = 1_000_000;

/** How many questions of a domain. */
export const DomainCounts = z.strictObject({
  easy: z.int().nonnegative().max(MOST_QUESTIONS).default(0).describe('Easy questions; the count is exact.'),
  hard: z.int().nonnegative().max(MOST_QUESTIONS).default(0).describe('Hard questions; the count is exact.'),
});
export type DomainCounts = z.infer<typeof DomainCounts>;

export const Difficulty = z.enum(['easy', 'hard']);
export type Difficulty = z.infer<typeof Difficulty>;
