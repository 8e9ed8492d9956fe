import { describe, expect, it } from 'vitest';
import { dataSection } from './data-section.ts';
import type { ReportData, ReportStage } from './read-run.ts';

const stage = (id: string, facts: object, outcome = 'done'): ReportStage =>
  ({ id, outcome, seconds: 1, manifest: { kind: 'rows', stage: id, facts } }) as unknown as ReportStage;
const chain = (outcome = 'done') => [
  stage('import', {
    bySource: {
      '0 alpaca': { read: 2000, taken: 1800 },
      '2 alpaca': { read: 1000, taken: 700 },
      '1 dolly': { read: 1000, taken: 1000 },
    },
  }),
  stage('curate', { bySource: { alpaca: { read: 2500, kept: 2400 }, dolly: { read: 1000, kept: 900 } } }),
  stage('dedup', {
    bySource: { alpaca: { read: 2400, kept: 2000 }, dolly: { read: 900, kept: 900 } },
  }),
  stage(
    'filter',
    {
      bySource: { alpaca: { read: 2000, kept: 1990 }, dolly: { read: 900, kept: 900 } },
      contamination: { mmlu: 10 },
      benchmarks: { mmlu: { items: 1542 } },
      redacted: { rows: 3, phone: 4, email: 1 },
      redactionSamples: { phone: [{ question_id: 'a', form: '+00 00 0000 0000', context: 'call [PHONE] <now>' }] },
    },
    outcome,
  ),
];
const page = (stages: ReportStage[]) =>
  dataSection({ stages } as unknown as ReportData)
    .text.replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('dataSection', () => {
  it('shows the rows of each source after each step, the test items found and the projected time', () => {
    const text = page(chain());
    expect(text).toContain('alpaca 3,000 2,500 83.3% 2,400 80.0% 2,000 66.7% 1,990 66.3%');
    expect(text).toContain('all 4,000 3,500 87.5% 3,300 82.5% 2,900 72.5% 2,890 72.3%');
    expect(text).toContain('mmlu 10 (of 1542 items)');
    expect(text).toContain('redacted in 3 rows: 4 phone, 1 email');
    expect(text).toContain('phone +00 00 0000 0000 call [PHONE] &lt;now&gt;');
    expect(text).toContain('after import after curate after dedup after filter');
    // 4,000 rows in 4 s; 4.5 M of them on ten cores take 450 s.
    expect(text).toMatch(
      /1,000 rows a second through these 4 steps; 4,500,000 rows on 10 cores at this rate per core: 7 min 30 s/,
    );
  });

  it('takes a step by the facts of its artifact, whatever its stage is called', () => {
    const text = page([...chain(), stage('polish', { bySource: { alpaca: { read: 1990, kept: 995 } } })]);
    expect(text).toContain('after filter after polish');
    expect(text).toContain('alpaca 3,000 2,500 83.3% 2,400 80.0% 2,000 66.7% 1,990 66.3% 995 33.2%');
  });

  it('projects no time for cached steps, and is empty without imported rows', () => {
    expect(page(chain('cached'))).not.toContain('rows a second');
    expect(page([stage('import', { bySource: {} })]).trim()).toBe('');
    expect(page([]).trim()).toBe('');
  });
});
