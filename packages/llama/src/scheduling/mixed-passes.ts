import type { MixedEntry } from '../binding/adapter-mixer.ts';
import type { Model } from '../binding/model.ts';
import type { MixingReport } from '../types/decisions.ts';
import type { Slot } from './slot.ts';

/** Decides whether requests with different adapters share a pass, and decodes such passes. A failure turns it off for good. */
export class MixedPasses {
  readonly #model: Model;
  #report: MixingReport;

  /** @param report - What was decided when the model was loaded. */
  constructor(model: Model, report: MixingReport) {
    this.#model = model;
    this.#report = report;
  }

  get report(): MixingReport {
    return this.#report;
  }

  /** What was decided since. */
  decide(report: MixingReport): void {
    this.#report = report;
  }

  /** @param spare - Gives a sequence that no request uses. */
  possible(slots: Iterable<Slot>, spare: () => number): boolean {
    const { mixing } = this.#model;
    if (!this.#report.used || mixing === null) return false;
    const all = [...slots];
    if (new Set(all.map(({ key }) => key)).size < 2) return false;
    try {
      for (const name of mixing.unknown(all.flatMap(({ adapter }) => adapter ?? []))) mixing.learn(name, spare());
      return true;
    } catch (error) {
      return this.#stop(error);
    }
  }

  /** Decodes a part of a pass (`equalParts`). @returns False when that failed; the caches are then as before. */
  decode(part: readonly MixedEntry[]): boolean {
    const { mixing } = this.#model;
    if (!this.#report.used || mixing === null) return false;
    try {
      mixing.decode(part);
      return true;
    } catch (error) {
      for (const { sequence, position } of part.toReversed()) {
        if (!this.#model.truncateSequence(sequence, position)) throw error;
      }
      return this.#stop(error);
    }
  }

  #stop(error: unknown): false {
    this.#report = { ...this.#report, used: false, reason: error instanceof Error ? error.message : String(error) };
    return false;
  }
}
