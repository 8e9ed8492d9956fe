import type { Gate } from '@cogumi/contracts';
import { readJsonl } from '@cogumi/data/formats';
import { CuratedRow, hashContent, SeenHashes } from '@cogumi/data/rows';
import type { ContaminationIndex } from '@cogumi/data/text/contamination';
import { z } from 'zod';
import { judgeGate } from '../../judge-gate.ts';
import { countPii, textsOf } from './check-row.ts';

/** Rows of a file that still have a problem, by problem. */
interface Findings {
  readonly rows: number;
  readonly pii: number;
  readonly duplicates: number;
  readonly contaminated: number;
  readonly misfits: number;
}

/** Reads the written rows again and repeats every check, so that the gates are measured on what is shipped. */
export async function scanWritten(
  path: string,
  index: ContaminationIndex | null,
  signal: AbortSignal,
): Promise<Findings> {
  const findings = { rows: 0, pii: 0, duplicates: 0, contaminated: 0, misfits: 0 };
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
    if (index !== null && index.findContamination(textsOf(row).join('\n')) !== null) findings.contaminated++;
  }
  return findings;
}

const GATES: readonly (Pick<Gate, 'name' | 'criterion' | 'advice'> & { measures: keyof Findings })[] = [
  {
    name: 'no-pii',
    measures: 'pii',
    criterion: 'No row contains an e-mail address, phone, card, account or security number, public IP address or key',
    advice: 'Set `filter.pii` to redact or drop; redactions.jsonl lists what was redacted.',
  },
  {
    name: 'no-duplicates',
    measures: 'duplicates',
    criterion: 'No two rows have the same content',
    advice: 'This is a bug in Cogumi: please report it with the files.',
  },
  {
    name: 'no-contamination',
    measures: 'contaminated',
    criterion: 'No row contains a test item of the benchmarks in `filter.benchmarks`',
    advice: 'See contamination.jsonl for the rows; set `filter.contamination` to drop.',
  },
  {
    name: 'schema',
    measures: 'misfits',
    criterion: 'Every row matches the schema, and its hash matches its content',
    advice: 'This is a bug in Cogumi: please report it with the files.',
  },
];

/** Checks that were run: the others have no gate. */
export interface Checks {
  readonly pii: boolean;
  readonly contamination: boolean;
}

export function filterGateNames(checks: Checks): string[] {
  return gatesOf(checks).map(({ name }) => name);
}

function gatesOf({ pii, contamination }: Checks) {
  return GATES.filter(({ name }) => (name !== 'no-pii' || pii) && (name !== 'no-contamination' || contamination));
}

/**
 * @param testItems - How many test items the rows were compared with.
 * @param redacted - What was redacted before, for the evidence: a gate that passes because rows were changed says so.
 */
export function filterGates(findings: Findings, checks: Checks, testItems: number, redacted: string | null): Gate[] {
  const { rows } = findings;
  return gatesOf(checks).map(({ measures, ...gate }) => {
    const compared = gate.name === 'no-contamination' ? testItems : null;
    return judgeGate({
      ...gate,
      bound: 'exactly',
      threshold: 0,
      measured: findings[measures],
      unit: 'rows',
      evidence: [
        `rows.jsonl, read again: ${rows} rows${compared === null ? '' : ` against ${compared} test items`}`,
        ...(gate.name === 'no-pii' && redacted !== null ? [redacted] : []),
      ].join('; '),
      items: Math.min(rows, compared ?? rows),
    });
  });
}
