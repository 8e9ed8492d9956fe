import type { Identified } from '../language.ts';
import { FLAW_REASONS } from './flaws.ts';
import type { Measures } from './measure-row.ts';
import {
  MIN_COMMON,
  MIN_CONFIDENCE,
  passesAsEnglish,
  type ScoreParts,
  scoreRow,
  totalScore,
  WEIGHTS,
} from './score-row.ts';

/** A score with its parts and reasons, for people. */
export interface ScoreExplanation {
  readonly score: number;
  readonly parts: readonly { name: keyof ScoreParts; weight: number; value: number; reasons: readonly string[] }[];
}

const percent = (share: number) => `${Math.round(share * 100)}%`;

/** Every part of a row's score with its reasons. */
export function explainScore(measures: Measures, identified: Identified): ScoreExplanation {
  const parts = scoreRow(measures, identified);
  const reasons = {
    english: englishReasons(measures, identified),
    coherence: coherenceReasons(measures),
    length: [`about ${measures.tokens} tokens; full points from 150 to 2,048`],
    complexity: complexityReasons(measures),
  };
  const names = Object.keys(WEIGHTS) as (keyof ScoreParts)[];
  return {
    score: totalScore(parts),
    parts: names.map((name) => ({ name, weight: WEIGHTS[name], value: parts[name], reasons: reasons[name] })),
  };
}

function englishReasons({ common }: Measures, identified: Identified): string[] {
  const words = `${percent(common)} of the words are common English words`;
  if (identified.language === null) return [words, 'no language is recognisable: code, formulas or a very short text'];
  const verdict = passesAsEnglish(common, identified) ? 'passes as English' : 'does not pass as English';
  const bounds = `${percent(MIN_COMMON)} common words or ${percent(MIN_CONFIDENCE)} confidence`;
  return [words, `language ${identified.language}, ${percent(identified.english)} English`, `${verdict} (${bounds})`];
}

function coherenceReasons({ shared, distinct, repeated, impossible, flaws }: Measures): string[] {
  return [
    shared === null
      ? 'too short to compare with the question'
      : `${percent(shared)} of the content words are shared by question and answer`,
    ...(distinct < 1 ? [`${percent(1 - distinct)} of the three-word runs are repeats`] : []),
    ...(repeated > 0 ? [`${percent(repeated)} of the answer is in repeated lines`] : []),
    ...(impossible > 0 ? [`${(impossible * 100).toFixed(1)}% of adjacent words cannot be adjacent in English`] : []),
    ...flaws.map((flaw) => FLAW_REASONS[flaw]),
  ];
}

function complexityReasons({ complexity: { variety, wordLength, structure, substance } }: Measures): string[] {
  return [
    `variety of words ${variety.toFixed(2)}`,
    `length of words ${wordLength.toFixed(2)}`,
    `lines and sentences ${structure.toFixed(2)}`,
    `uncommon words ${substance.toFixed(2)}`,
  ];
}
