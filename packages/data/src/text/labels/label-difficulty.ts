import type { LabelledDomain, LabelledTexts } from './label-domain.ts';

/** Features by which the difficulty of a row is judged. */
interface Demand {
  /** Words of the question. */
  readonly asked: number;
  /** Lines and sentences of the answer; in mathematics its calculations, if it shows any. */
  readonly steps: number;
  /** Numbers in the question. */
  readonly numbers: number;
  /** Words that constrain the answer: "exactly", "without", "unless", "each". */
  readonly ties: number;
}

/** Per-domain thresholds; reaching any one makes a row `hard`. `Infinity` disables a feature. */
const HARD: Readonly<Record<LabelledDomain | 'unknown', Demand>> = {
  // A GSM8K answer has one to eight calculations, half of the answers up to three.
  math: { asked: 90, steps: 4, numbers: 10, ties: 8 },
  coding: { asked: 80, steps: 15, numbers: Infinity, ties: 5 },
  tool_use: { asked: 60, steps: Infinity, numbers: Infinity, ties: 5 },
  // Five or more objects to track (BBH's deduction and tracking of three have under 100 words).
  reasoning: { asked: 100, steps: 8, numbers: Infinity, ties: Infinity },
  reading: { asked: 350, steps: 6, numbers: Infinity, ties: Infinity },
  summarization: { asked: 500, steps: 6, numbers: Infinity, ties: Infinity },
  common_sense: { asked: 120, steps: 6, numbers: Infinity, ties: 5 },
  instruction_following: { asked: 60, steps: 10, numbers: Infinity, ties: 4 },
  unknown: { asked: 80, steps: 10, numbers: Infinity, ties: 4 },
};

const TIE =
  /\b(?:exactly|at least|at most|no more than|without|except|unless|must|only|each|every|both|twice|half|remaining|then|if)\b/gi;
const NUMBER = /\d+(?:[.,]\d+)*/g;
const STEP = /[.!?](?=\s|$)|\n/g;

export interface DifficultyLabel {
  readonly difficulty: 'easy' | 'hard';
  readonly reasons: readonly string[];
}

/** Labels a row as easy or hard for its domain, by its length, steps, numbers and constraints. Pure, linear. */
export function labelDifficulty({ question, answer }: LabelledTexts, domain: string | null): DifficultyLabel {
  const bounds = HARD[isKnown(domain) ? domain : 'unknown'];
  const demand: Demand = {
    asked: count(question, /\s+/g) + 1,
    steps: (domain === 'math' && calculations(answer)) || answerSteps(answer),
    numbers: Number.isFinite(bounds.numbers) ? count(question, NUMBER) : 0,
    ties: Number.isFinite(bounds.ties) ? count(question, TIE) : 0,
  };
  const reasons = (Object.keys(demand) as (keyof Demand)[])
    .filter((name) => demand[name] >= bounds[name])
    .map((name) => `${demand[name]} ${NAMES[name]}, hard from ${bounds[name]}`);
  return { difficulty: reasons.length > 0 ? 'hard' : 'easy', reasons };
}

const NAMES: Readonly<Record<keyof Demand, string>> = {
  asked: 'words in the question',
  steps: 'steps in the answer',
  numbers: 'numbers in the question',
  ties: 'conditions',
};

/** GSM8K repeats each calculation for a calculator: `<<48/2=24>>`. */
const CALCULATOR_MARK = /<<[^<>]{0,100}>>/g;

function calculations(answer: string): number {
  return count(answer.replaceAll(CALCULATOR_MARK, ''), /=/g);
}

function answerSteps(answer: string): number {
  return answer.trim() === '' ? 0 : count(answer.trim(), STEP) + 1;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function isKnown(domain: string | null): domain is LabelledDomain {
  return domain !== null && Object.hasOwn(HARD, domain);
}
