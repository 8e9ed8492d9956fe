import { type DifficultyLabel, labelDifficulty } from './label-difficulty.ts';
import { type DomainLabel, type LabelledTexts, labelDomain } from './label-domain.ts';

/** Existing labels of a row; null: to be labelled. */
interface KnownLabels {
  readonly domain: string | null;
  readonly difficulty: DifficultyLabel['difficulty'] | null;
}

export interface RowLabels {
  readonly domain: DomainLabel;
  readonly difficulty: DifficultyLabel;
}

/** Domain and difficulty of a row; existing labels are kept. */
export function labelRow(texts: LabelledTexts, known: KnownLabels): RowLabels {
  const given = ['as it was given'];
  const domain = known.domain === null ? labelDomain(texts) : { domain: known.domain, reasons: given };
  const difficulty =
    known.difficulty === null
      ? labelDifficulty(texts, domain.domain)
      : { difficulty: known.difficulty, reasons: given };
  return { domain, difficulty };
}
