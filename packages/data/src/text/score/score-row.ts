import type { Identified } from '../language.ts';
import { FLAW_FACTORS } from './flaws.ts';
import type { Measures } from './measure-row.ts';

/** The four parts of a score, each 0..1 in thousandths. */
export interface ScoreParts {
  readonly english: number;
  readonly coherence: number;
  readonly length: number;
  readonly complexity: number;
}

/** Spec D3. */
export const WEIGHTS: ScoreParts = { english: 0.3, coherence: 0.3, length: 0.2, complexity: 0.2 };

/** Spec D3: a row passes as English with this share of common words, or this confidence of the identifier. */
export const MIN_COMMON = 0.15;
export const MIN_CONFIDENCE = 0.2;
/** Share of common words that earns the full part: three quarters of Alpaca's rows have more (measured). */
const FULL_COMMON = 0.5;
/** What a row has at least that passes as English, or of which no language can be told: code and formulas must not fall. */
const PASSED = 0.5;

/** Shares of distinct three-word runs and of repeated lines beyond which repetition counts (Rae et al. 2021: 0.3 for lines). */
const GOOD_DISTINCT = 0.85;
const GOOD_REPEATED = 0.1;
/** Share of impossible pairs in one of a hundred good answers (measured), and at which half of coherence is gone. */
const GOOD_IMPOSSIBLE = 0.01;
const BAD_IMPOSSIBLE = 0.04;
/** Shared content from which on an answer is about the question: three quarters of Alpaca's rows have more (measured). */
const GOOD_SHARED = 0.35;
/** What unrelated answers keep: lists, code and short answers share no words and may be right. */
const UNRELATED = 0.6;

/** Lengths of spec D6, in tokens of question and answer: full points between. */
const FULL_FROM = 150;
const FULL_TO = 2048;

/** Scores a row of what was measured and found about its language. */
export function scoreRow(measures: Measures, identified: Identified): ScoreParts {
  return {
    english: thousandths(english(measures.common, identified)),
    coherence: thousandths(coherence(measures)),
    length: thousandths(lengthPart(measures.tokens)),
    complexity: thousandths(complexityPart(measures)),
  };
}

/** The weighted sum, 0..1. */
export function totalScore(parts: ScoreParts): number {
  const sum =
    WEIGHTS.english * parts.english +
    WEIGHTS.coherence * parts.coherence +
    WEIGHTS.length * parts.length +
    WEIGHTS.complexity * parts.complexity;
  return Math.round(sum * 1e4) / 1e4;
}

/**
 * Whether a row passes as English by spec D3. Texts in which another language is reliably found do not: German and Dutch have
 * 15 to 30% of words that English has too.
 */
export function passesAsEnglish(common: number, { language, english: confidence }: Identified): boolean {
  if (language !== 'en' && language !== null) return false;
  return common >= MIN_COMMON || (language === 'en' && confidence >= MIN_CONFIDENCE);
}

/** Half a part for passing, the rest by the share of common words; below the threshold in proportion to it. */
function english(common: number, identified: Identified): number {
  const passed = passesAsEnglish(common, identified) || identified.language === null;
  if (!passed) return (PASSED * Math.min(common, MIN_COMMON)) / MIN_COMMON;
  const above = Math.max(0, common - MIN_COMMON) / (FULL_COMMON - MIN_COMMON);
  return PASSED + (1 - PASSED) * Math.min(1, above);
}

/** 1, lowered by each thing that tells of broken text. */
function coherence({ shared, distinct, repeated, impossible, flaws }: Measures): number {
  let part = relation(shared);
  part *= Math.min(1, distinct / GOOD_DISTINCT) ** 2;
  part *= 1 - Math.max(0, repeated - GOOD_REPEATED);
  part *= 1 - 0.5 * Math.min(2, Math.max(0, impossible - GOOD_IMPOSSIBLE) / (BAD_IMPOSSIBLE - GOOD_IMPOSSIBLE));
  for (const flaw of flaws) part *= FLAW_FACTORS[flaw];
  return part;
}

/** Where nothing can be told, half of what relation gives. */
function relation(shared: number | null): number {
  if (shared === null) return (1 + UNRELATED) / 2;
  return UNRELATED + (1 - UNRELATED) * Math.min(1, shared / GOOD_SHARED);
}

/** By the logarithm up to 150 tokens; beyond 2,048 what fits of it. */
function lengthPart(tokens: number): number {
  if (tokens > FULL_TO) return FULL_TO / tokens;
  return Math.min(1, Math.log2(1 + tokens) / Math.log2(1 + FULL_FROM));
}

function complexityPart({ complexity: { variety, wordLength, structure, substance } }: Measures): number {
  return (variety + wordLength + structure + substance) / 4;
}

/** Parts are kept in thousandths, so that a score is the same however its parts were stored. */
const thousandths = (part: number) => Math.round(part * 1000) / 1000;
