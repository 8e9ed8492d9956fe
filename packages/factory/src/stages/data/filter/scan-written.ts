import type { Gate } from '@cogumi/contracts';
import { readJsonl } from '@cogumi/data/formats';
import { CuratedRow, hashContent, SeenHashes } from '@cogumi/data/rows';
import type { LeakIndex } from '@cogumi/data/text/contamination';
import { z } from 'zod';
import { countPii, textsOf } from './check-row.ts';

/** What is still wrong in a file of rows: number of rows for each. */
interface Findings {
  readonly rows: number;
  readonly pii: number;
  readonly duplicates: number;
  readonly leaks: number;
  readonly misfits: number;
}

/** Reads the rows as they were written and looks for everything again: what a gate says is measured on what is shipped. */
export async function scanWritten(path: string, index: LeakIndex | null, signal: AbortSignal): Promise<Findings> {
  const findings = { rows: 0, pii: 0, duplicates: 0, leaks: 0, misfits: 0 };
  const seen = new SeenHashes();
  for await (const value of readJsonl(path, z.unknown())) {
    if (findings.rows++ % 10_000 === 0) signal.throwIfAborted();
    const parsed = CuratedRow.safeParse(value);
    if (!parsed.success || parsed.data.hash !== hashContent(parsed.data)) {
      findings.misfits++;
      continue;
    }
    const row = parsed.data;
    if (countPii(row) > 0) findings.pii++;
    if (!seen.add(row.hash)) findings.duplicates++;
    if (index !== null && index.findLeak(textsOf(row).join('\n')) !== null) findings.leaks++;
  }
  return findings;
}

const GATES: readonly (Pick<Gate, 'name' | 'criterion' | 'advice'> & { measures: keyof Findings })[] = [
  {
    name: 'no-pii',
    measures: 'pii',
    criterion: 'No row holds an e-mail address, phone, card, account or security number, public IP address or key',
    advice: 'Set `filter.pii` to redact or drop.',
  },
  {
    name: 'no-duplicates',
    measures: 'duplicates',
    criterion: 'No two rows have the same content',
    advice: 'This is a mistake in Cogumi: report it with the files.',
  },
  {
    name: 'no-leakage',
    measures: 'leaks',
    criterion: 'No row holds a test item of the benchmarks that were named',
    advice: 'Look at leaks.jsonl; set `filter.leakage` to drop.',
  },
  {
    name: 'schema',
    measures: 'misfits',
    criterion: 'Every row fits the schema, and its hash its content',
    advice: 'This is a mistake in Cogumi: report it with the files.',
  },
];

/** @param measured - Which gates there are: what was not looked for is not judged. */
export function filterGates(findings: Findings, measured: { pii: boolean; leakage: boolean }): Gate[] {
  return GATES.filter(
    ({ name }) => (name !== 'no-pii' || measured.pii) && (name !== 'no-leakage' || measured.leakage),
  ).map(({ measures, ...gate }) => ({
    ...gate,
    bound: 'exactly',
    threshold: 0,
    measured: findings[measures],
    interval: null,
    unit: 'rows',
    evidence: `rows.jsonl, read again: ${findings.rows} rows`,
    verdict: findings[measures] === 0 ? 'pass' : 'fail',
  }));
}
