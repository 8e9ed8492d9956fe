import { DOMAINS } from '@cogumi/contracts';
import type { CuratedRow } from '@cogumi/data/rows';
import type { Checked } from './check-row.ts';

/** Upper bounds of the bins of lengths, in tokens; the last bin is open. */
const LENGTH_BOUNDS = [50, 150, 512, 2048];

/** By names that others chose: `constructor` is one like any other. */
type Counts = Map<string, number>;
type SourceCounts = { read: number; kept: number; removed: Counts };

/** Counts over the rows as they pass, for the report. Never a row itself. */
export class Tally {
  #rows = 0;
  #redactedRows = 0;
  #tokens = 0;
  readonly #removed: Counts = new Map();
  readonly #pii: Counts = new Map();
  readonly #leaks: Counts = new Map();
  readonly #bySource = new Map<string, SourceCounts>();
  readonly #domains: Counts = new Map([...DOMAINS, 'none'].map((domain) => [domain, 0]));
  readonly #languages: Counts = new Map();
  readonly #lengths = new Array<number>(LENGTH_BOUNDS.length + 1).fill(0);

  /** A row that was checked, and why it went after all, if it did. */
  count({ row, pii, leak, tokens }: Checked, reason: string | null): void {
    const source = this.#bySource.get(row.source) ?? { read: 0, kept: 0, removed: new Map() };
    this.#bySource.set(row.source, source);
    source.read++;
    if (leak !== null) add(this.#leaks, leak.benchmark);
    if (reason !== null) {
      add(this.#removed, reason);
      add(source.removed, reason);
      return;
    }
    source.kept++;
    this.#keep(row, tokens);
    if (pii.length > 0) this.#redactedRows++;
    for (const kind of pii) add(this.#pii, kind);
  }

  get read(): number {
    return [...this.#bySource.values()].reduce((sum, { read }) => sum + read, 0);
  }

  facts() {
    return {
      rows: this.#rows,
      removed: Object.fromEntries(this.#removed),
      redacted: { rows: this.#redactedRows, ...Object.fromEntries(this.#pii) },
      leaks: Object.fromEntries(this.#leaks),
      bySource: Object.fromEntries(
        [...this.#bySource].map(([name, counts]) => [name, { ...counts, removed: Object.fromEntries(counts.removed) }]),
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
