import type { Teacher } from '@cogumi/contracts';
import { FAILURES_PER_REQUEST } from './critique-failures.ts';

/** Requests to a teacher that a plan expects. */
export interface ExpectedRequests {
  readonly teacher: Teacher;
  readonly requests: number;
  /** Per request, on average. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Average tokens of a request and of its reply, before any was measured (chosen: about 400 tokens per answer; a hard answer
 * is written as draft, critique and revision, about three times that).
 */
const EASY = { inputTokens: 150, outputTokens: 250 };
const HARD = { inputTokens: 300, outputTokens: 1200 };
const SCORE = { inputTokens: 500, outputTokens: 30 };
const QUESTION = { inputTokens: 20, outputTokens: 80 };
/** Of a fact with three questions; a passage is about 300 tokens (chosen). */
const FACT_TOKENS = 150;
const PASSAGE_TOKENS = 550;

/** Share of the questions that reach each tier (chosen: the first tier answers about 65%, the second 22%). */
const REACHES = [1, 0.35, 0.13];

interface Counts {
  readonly easy: number;
  readonly hard: number;
}

/** Requests for answers by tiers, the cheapest first. */
export function expectedAnswers(tiers: readonly Teacher[], { easy, hard }: Counts): ExpectedRequests[] {
  return tiers.flatMap((teacher, tier) => {
    const share = REACHES[Math.min(tier, REACHES.length - 1)] as number;
    return [
      { teacher, requests: Math.ceil(easy * share), ...EASY },
      { teacher, requests: Math.ceil(hard * share), ...HARD },
    ];
  });
}

/** Requests for answers by several teachers in shares; a corrector answers those that fail (chosen: one in eight). */
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

/** Requests for scores; none without a teacher. */
export const expectedScores = (teacher: Teacher | null, requests: number): ExpectedRequests[] =>
  teacher === null ? [] : [{ teacher, requests, ...SCORE }];

/** Requests for written questions; none without a teacher. */
export const expectedQuestions = (teacher: Teacher | null, requests: number): ExpectedRequests[] =>
  teacher === null ? [] : [{ teacher, requests, ...QUESTION }];

/** Requests for critiques of failures, and for a label of each cluster; none without a teacher. */
export const expectedCritiques = (teacher: Teacher | null, failures: number, clusters: number): ExpectedRequests[] =>
  teacher === null
    ? []
    : [
        {
          ...{ teacher, requests: Math.ceil(failures / FAILURES_PER_REQUEST) },
          ...{ inputTokens: 200 * FAILURES_PER_REQUEST, outputTokens: 50 * FAILURES_PER_REQUEST },
        },
        { teacher, requests: clusters, inputTokens: 1000, outputTokens: 20 },
      ];

/** Requests for questions and answers from passages. */
export const expectedGrounded = (teacher: Teacher, passages: number, factsPerPassage: number): ExpectedRequests[] => [
  { teacher, requests: passages, inputTokens: PASSAGE_TOKENS, outputTokens: FACT_TOKENS * factsPerPassage },
];
