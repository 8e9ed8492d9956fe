import type { CuratedRow } from '@cogumi/data/rows';
import type { Redaction } from '@cogumi/data/text/pii';

/** Samples of each kind in the report: one of each form, where a mistake would show first (chosen). */
const SAMPLES = 5;

interface KindTally {
  places: number;
  readonly samples: (Omit<Redaction, 'kind'> & { question_id: string })[];
}

/** What was redacted in the rows that are kept, by kind, with samples that show no value. */
export class RedactionTally {
  #rows = 0;
  #changed = 0;
  readonly #kinds = new Map<string, KindTally>();

  count({ question_id }: Pick<CuratedRow, 'question_id'>, redactions: readonly Redaction[]): void {
    this.#rows++;
    if (redactions.length > 0) this.#changed++;
    for (const { kind, form, context } of redactions) {
      const tally = this.#kinds.get(kind) ?? { places: 0, samples: [] };
      this.#kinds.set(kind, tally);
      tally.places++;
      const known = tally.samples.some((sample) => outline(sample.form) === outline(form));
      if (!known && tally.samples.length < SAMPLES) tally.samples.push({ question_id, form, context });
    }
  }

  facts() {
    const kinds = [...this.#kinds];
    return {
      redacted: { rows: this.#changed, ...Object.fromEntries(kinds.map(([kind, { places }]) => [kind, places])) },
      redactionSamples: Object.fromEntries(kinds.map(([kind, { samples }]) => [kind, samples])),
    };
  }

  /** For log and gate; null if nothing was redacted. */
  sentence(): string | null {
    if (this.#changed === 0) return null;
    const kinds = [...this.#kinds].map(([kind, { places }]) => `${places} ${kind}`).join(', ');
    return `redacted in ${this.#changed} of ${this.#rows} rows: ${kinds} (redactions.jsonl shows each place without its value)`;
  }
}

/** The form without lengths: addresses of any length are of one form. */
const outline = (form: string): string => form.replaceAll(/0+/g, '0').replaceAll(/x+/g, 'x');
