import type { Identified } from '../language.ts';
import { FLAW_FACTORS } from './flaws.ts';
import type { Measures } from './measure-row.ts';

/** The four parts of a score, each 0..1 in steps of a thousandth. */
export interface ScoreParts {
  readonly english: number;
  readonly coherence: number;
  readonly length: number;
  readonly complexity: number;
}

/** Weights of the parts (chosen). */
export const WEIGHTS: ScoreParts = { english: 0.3, coherence: 0.3, length: 0.2, complexity: 0.2 };

/** A row passes as English with this share of common words, or this confidence of the identifier (chosen). */
export const MIN_COMMON = 0.15;
export const MIN_CONFIDENCE = 0.2;
/** Share of common words for a full English part: three quarters of Alpaca's rows have more (measured). */
const FULL_COMMON = 0.5;
/** Least English part of a row that passes as English or has no recognisable language: code and formulas must not be rejected. */
const PASSED = 0.5;

/** Thresholds for distinct three-word runs and repeated lines beyond which repetition lowers the score (Rae et al. 2021: 0.3 for lines). */
const GOOD_DISTINCT = 0.85;
const GOOD_REPEATED = 0.1;
/** Share of impossible word pairs that one in a hundred good answers exceeds (measured), and the share that halves coherence. */
const GOOD_IMPOSSIBLE = 0.01;
const BAD_IMPOSSIBLE = 0.04;
/** Shared content at which an answer fully relates to its question: three quarters of Alpaca's rows have more (measured). */
const GOOD_SHARED = 0.35;
/** Factor for unrelated answers: lists, code and short answers share no words and may be right (chosen). */
const UNRELATED = 0.6;

/** Tokens of question and answer between which the length part is full (chosen). */
const FULL_FROM = 150;
const FULL_TO = 2048;

/** Computes the parts of a score from the measures and the language of a row. */
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
 * True if a row passes as English. A text whose language is reliably identified as another one does not: 15 to 30% of German and
 * Dutch words are on any English list.
 */
export function passesAsEnglish(common: number, { language, english: confidence }: Identified): boolean {
  if (language !== 'en' && language !== null) return false;
  return common >= MIN_COMMON || (language === 'en' && confidence >= MIN_CONFIDENCE);
}

/** Half of the part for passing, the rest by the share of common words; proportional to that share if it does not pass. */
function english(common: number, identified: Identified): number {
  const passed = passesAsEnglish(common, identified) || identified.language === null;
  if (!passed) return (PASSED * Math.min(common, MIN_COMMON)) / MIN_COMMON;
  const above = Math.max(0, common - MIN_COMMON) / (FULL_COMMON - MIN_COMMON);
  return PASSED + (1 - PASSED) * Math.min(1, above);
}

/** 1, lowered by each sign of broken text. */
function coherence({ shared, distinct, repeated, impossible, flaws }: Measures): number {
  let part = relation(shared);
  part *= Math.min(1, distinct / GOOD_DISTINCT) ** 2;
  part *= 1 - Math.max(0, repeated - GOOD_REPEATED);
  part *= 1 - 0.5 * Math.min(2, Math.max(0, impossible - GOOD_IMPOSSIBLE) / (BAD_IMPOSSIBLE - GOOD_IMPOSSIBLE));
  for (const flaw of flaws) part *= FLAW_FACTORS[flaw];
  return part;
}

/** Factor by relation; half of its effect if it is unknown. */
function relation(shared: number | null): number {
  if (shared === null) return (1 + UNRELATED) / 2;
  return UNRELATED + (1 - UNRELATED) * Math.min(1, shared / GOOD_SHARED);
}

/** Grows with the logarithm up to 150 tokens; beyond 2,048 the share that fits. */
function lengthPart(tokens: number): number {
  if (tokens > FULL_TO) return FULL_TO / tokens;
  return Math.min(1, Math.log2(1 + tokens) / Math.log2(1 + FULL_FROM));
}

function complexityPart({ complexity: { variety, wordLength, structure, substance } }: Measures): number {
  return (variety + wordLength + structure + substance) / 4;
}

/** Parts are rounded to thousandths, so that a score does not depend on how its parts were stored. */
const thousandths = (part: number) => Math.round(part * 1000) / 1000;
