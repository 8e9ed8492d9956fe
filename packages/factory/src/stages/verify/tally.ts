import { DOMAINS } from '@cogumi/contracts';
import type { CuratedRow } from '../../rows/curated-row.ts';
import type { Checked } from './check-row.ts';

/** Upper bounds of the bins of lengths, in tokens; the last bin is open. */
const LENGTH_BOUNDS = [50, 150, 512, 2048];

type Counts = Record<string, number>;
type SourceCounts = { read: number; kept: number; removed: Counts };

/** Counts over the rows as they pass, for the report. Never a row itself. */
export class Tally {
  #rows = 0;
  #redactedRows = 0;
  #tokens = 0;
  readonly #removed: Counts = {};
  readonly #pii: Counts = {};
  readonly #leaks: Counts = {};
  readonly #bySource: Record<string, SourceCounts> = {};
  readonly #domains: Counts = Object.fromEntries([...DOMAINS, 'none'].map((domain) => [domain, 0]));
  readonly #languages: Counts = {};
  readonly #lengths = new Array<number>(LENGTH_BOUNDS.length + 1).fill(0);

  /** A row that was checked, and why it went after all, if it did. */
  count({ row, pii, leak, tokens }: Checked, reason: string | null): void {
    this.#bySource[row.source] ??= { read: 0, kept: 0, removed: {} };
    const source = this.#bySource[row.source] as SourceCounts;
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

  facts() {
    return {
      rows: this.#rows,
      removed: this.#removed,
      redacted: { rows: this.#redactedRows, ...this.#pii },
      leaks: this.#leaks,
      bySource: this.#bySource,
      domains: this.#domains,
      languages: this.#languages,
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
  counts[name] = (counts[name] ?? 0) + 1;
}
