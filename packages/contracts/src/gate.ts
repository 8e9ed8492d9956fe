import { z } from 'zod';

/** `inconclusive`: the sample is too small to decide. `skipped`: there was nothing to measure, so the gate says nothing. */
export const Verdict = z.enum(['pass', 'fail', 'inconclusive', 'skipped']);
export type Verdict = z.infer<typeof Verdict>;

/** A measured pass or fail at the end of a stage, with its evidence. */
export const Gate = z.strictObject({
  name: z.string().describe('Unique inside its stage; `--override` uses this name.'),
  criterion: z.string().describe('The condition in words.'),
  bound: z
    .enum(['at-least', 'at-most', 'exactly'])
    .default('at-least')
    .describe('Relation that `measured` must have to `threshold`.'),
  threshold: z.number(),
  measured: z.number(),
  interval: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe('95% interval of `measured`; null: the value is exact.'),
  unit: z.string().default(''),
  evidence: z
    .string()
    .describe('Where the figures are or how they were measured, e.g. `answers.jsonl, 200 questions`.'),
  verdict: Verdict,
  guard: z
    .boolean()
    .default(false)
    .describe(
      'A guard looks for a loss and counts only where the sample proves one: `inconclusive` is shown and the build is done.',
    ),
  advice: z.string().default('').describe('What to try if it does not pass.'),
});
export type Gate = z.infer<typeof Gate>;

/** What `--override` takes, and what every log, report and list calls a gate. */
export function gateId(stage: string, gate: Pick<Gate, 'name'>): string {
  return `${stage}/${gate.name}`;
}

/** What a gate says of its whole build. null: nothing, as it was overridden, judges an optional step, or is a guard that found no loss. */
export function countedVerdict({
  gate,
  overridden,
  candidate,
}: {
  readonly gate: Gate;
  readonly overridden: boolean;
  readonly candidate: string | null;
}): Gate['verdict'] | null {
  const shownOnly = gate.guard && gate.verdict === 'inconclusive';
  return overridden || candidate !== null || shownOnly ? null : gate.verdict;
}

/** Sign of a gate's bound, written before its threshold. */
export const BOUND_SIGN: Readonly<Record<Gate['bound'], string>> = { 'at-least': '≥', 'at-most': '≤', exactly: '=' };
