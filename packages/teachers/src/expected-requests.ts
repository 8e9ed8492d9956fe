import type { Teacher } from '@cogumi/contracts';

/** Requests to a teacher, as they are expected before any is made. */
export interface ExpectedRequests {
  readonly teacher: Teacher;
  readonly requests: number;
  /** A request, on average. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Tokens of a request and its reply, on average, before any is measured (chosen, after the first plan: 60 K answers of about
 * 400 tokens; hard ones are written three times over).
 */
const EASY = { inputTokens: 150, outputTokens: 250 };
const HARD = { inputTokens: 300, outputTokens: 1200 };
const SCORE = { inputTokens: 500, outputTokens: 30 };
const QUESTION = { inputTokens: 20, outputTokens: 80 };

/** Of the questions, how many reach each tier (spec T6: the first answers 60 to 70%, the second 20 to 25%). */
const REACHES = [1, 0.35, 0.13];

interface Counts {
  readonly easy: number;
  readonly hard: number;
}

/** Answers by tiers, cheap first. */
export function expectedAnswers(tiers: readonly Teacher[], { easy, hard }: Counts): ExpectedRequests[] {
  return tiers.flatMap((teacher, tier) => {
    const share = REACHES[Math.min(tier, REACHES.length - 1)] as number;
    return [
      { teacher, requests: Math.ceil(easy * share), ...EASY },
      { teacher, requests: Math.ceil(hard * share), ...HARD },
    ];
  });
}

/** Answers of several teachers by share, mended by a corrector where they fail (chosen: one in eight). */
export function expectedSharedAnswers(
  teachers: readonly { teacher: Teacher; share: number }[],
  corrector: Teacher,
  { easy, hard }: Counts,
): ExpectedRequests[] {
  const whole = teachers.reduce((sum, { share }) => sum + share, 0);
  const part = (share: number): Counts => ({ easy: easy * share, hard: hard * share });
  return [
    ...teachers.flatMap(({ teacher, share }) => expectedAnswers([teacher], part(share / whole))),
    ...expectedAnswers([corrector], part(1 / 8)),
  ];
}

/** So many verdicts. */
export const expectedScores = (teacher: Teacher | null, requests: number): ExpectedRequests[] =>
  teacher === null ? [] : [{ teacher, requests, ...SCORE }];

/** So many questions written. */
export const expectedQuestions = (teacher: Teacher | null, requests: number): ExpectedRequests[] =>
  teacher === null ? [] : [{ teacher, requests, ...QUESTION }];
