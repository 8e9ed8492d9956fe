import { estimateTokens } from '../estimate-tokens.ts';
import { addCounts, commonShare, countWords, type Identified, type Identifier, languageByWords } from '../language.ts';
import { readWords } from '../read-words.ts';
import { type Complexity, complexity } from './complexity.ts';
import { type Flaw, findFlaws } from './flaws.ts';
import { sharedContent } from './relation.ts';
import { distinctRuns, repeatedLines } from './repetition.ts';
import { impossiblePairs } from './word-order.ts';

/** The measures that a score is computed from. */
export interface Measures {
  /** Share of common English words in question and answer, 0..1. */
  readonly common: number;
  /** Language by word counts. A row with an English question is English, even if its answer is a translation. */
  readonly language: 'en' | 'unsure' | null;
  /** Shared content words of question and answer, 0..1; null if there are too few to tell. */
  readonly shared: number | null;
  readonly distinct: number;
  readonly repeated: number;
  readonly impossible: number;
  readonly flaws: readonly Flaw[];
  /** Estimated tokens of question and answer. */
  readonly tokens: number;
  readonly complexity: Complexity;
}

/** The fields of a row that are scored. */
export interface Texts {
  readonly question: string;
  readonly answer: string;
}

/** Measures a row without a model. Pure, linear in its length. */
export function measureRow({ question, answer }: Texts): Measures {
  const asked = readWords(question);
  const answered = readWords(answer);
  const askedCounts = countWords(asked);
  const both = addCounts(askedCounts, countWords(answered));
  const common = commonShare(both);
  return {
    common,
    language: languageByWords(askedCounts) === 'en' ? 'en' : languageByWords(both),
    shared: sharedContent(asked, answered),
    distinct: distinctRuns(answered),
    repeated: repeatedLines(answer),
    impossible: impossiblePairs(answered),
    flaws: findFlaws(question, answer),
    tokens: estimateTokens(question) + estimateTokens(answer),
    complexity: complexity(answered, common, answer),
  };
}

/** The row's language: by word counts if they are enough, else by the identifier. */
export function identifyRow({ question, answer }: Texts, { language }: Measures, identify: Identifier): Identified {
  if (language !== 'unsure') return { language, english: language === 'en' ? 1 : 0 };
  return identify(`${question}\n${answer}`);
}
