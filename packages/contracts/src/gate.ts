import { z } from 'zod';

/** `inconclusive`: the sample is too small to tell. */
export const Verdict = z.enum(['pass', 'fail', 'inconclusive']);
export type Verdict = z.infer<typeof Verdict>;

/** A measured pass or fail at the end of a stage, with what it was judged by. */
export const Gate = z.strictObject({
  name: z.string().describe('Unique inside its stage; the name an override has to give.'),
  criterion: z.string().describe('In words: what has to hold.'),
  bound: z
    .enum(['at-least', 'at-most', 'exactly'])
    .default('at-least')
    .describe('How `measured` has to lie to `threshold`.'),
  threshold: z.number(),
  measured: z.number(),
  interval: z.tuple([z.number(), z.number()]).nullable().describe('95% interval of `measured`; null: exact.'),
  unit: z.string().default(''),
  evidence: z.string().describe('Where the figures lie or how they were taken, e.g. `answers.jsonl, 200 questions`.'),
  verdict: Verdict,
  advice: z.string().default('').describe('What to try when it does not pass.'),
});
export type Gate = z.infer<typeof Gate>;

/** How a gate's bound is written in front of its threshold. */
export const BOUND_SIGN: Readonly<Record<Gate['bound'], string>> = { 'at-least': '≥', 'at-most': '≤', exactly: '=' };
