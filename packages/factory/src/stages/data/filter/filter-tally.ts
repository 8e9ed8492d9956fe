import { BUILT_IN_DOMAINS } from '@cogumi/contracts';
import type { CuratedRow } from '@cogumi/data/rows';
import type { Checked } from './check-row.ts';
import { RedactionTally } from './redaction-tally.ts';

/** Upper bounds of the length histogram, in tokens; the last bin is open. */
const LENGTH_BOUNDS = [50, 150, 512, 2048];

/** A map, because the names come from data: `constructor` is a valid one. */
type Counts = Map<string, number>;
type SourceCounts = { read: number; kept: number; reasons: Counts };

/** Counts over the rows, for the report. Holds no row. */
export class FilterTally {
  #rows = 0;
  #rejected = 0;
  #tokens = 0;
  readonly #reasons: Counts = new Map();
  readonly redactions = new RedactionTally();
  readonly #contamination: Counts = new Map();
  readonly #bySource = new Map<string, SourceCounts>();
  readonly #domains: Counts = new Map([...BUILT_IN_DOMAINS, 'none'].map((domain) => [domain, 0]));
  readonly #languages: Counts = new Map();
  readonly #lengths = new Array<number>(LENGTH_BOUNDS.length + 1).fill(0);

  /** @param reason - Why the row is rejected; null if it is kept. */
  count({ row, pii, contamination, tokens }: Checked, reason: string | null): void {
    const source = this.#bySource.get(row.source) ?? { read: 0, kept: 0, reasons: new Map() };
    this.#bySource.set(row.source, source);
    source.read++;
    if (contamination !== null) add(this.#contamination, contamination.benchmark);
    if (reason !== null) {
      this.#rejected++;
      add(this.#reasons, reason);
      add(source.reasons, reason);
      return;
    }
    source.kept++;
    this.#keep(row, tokens);
    this.redactions.count(row, pii);
  }

  get read(): number {
    return [...this.#bySource.values()].reduce((sum, { read }) => sum + read, 0);
  }

  facts() {
    return {
      rows: this.#rows,
      rejected: this.#rejected,
      reasons: Object.fromEntries(this.#reasons),
      ...this.redactions.facts(),
      contamination: Object.fromEntries(this.#contamination),
      bySource: Object.fromEntries(
        [...this.#bySource].map(([name, { read, kept, reasons }]) => [
          name,
          { read, kept, rejected: read - kept, reasons: Object.fromEntries(reasons) },
        ]),
      ),
      domains: Object.fromEntries(this.#domains),
      languages: Object.fromEntries(this.#languages),
      tokens: { bounds: LENGTH_BOUNDS, rows: this.#lengths, total: this.#tokens },
    };
  }

  #keep({ domain, language }: CuratedRow, tokens: number): void {
    this.#rows++;
    this.#tokens += tokens;
    add(this.#domains, domain ?? 'none');
    add(this.#languages, language ?? 'none');
    const bin = LENGTH_BOUNDS.findIndex((bound) => tokens < bound);
    const place = bin === -1 ? LENGTH_BOUNDS.length : bin;
    this.#lengths[place] = (this.#lengths[place] as number) + 1;
  }
}

function add(counts: Counts, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
