import type { DataFacts } from '@cogumi/data/handover';
import { describe, expect, it } from 'vitest';
import { summarize, tooLongAdvice } from './summarize.ts';

const facts: DataFacts = {
  read: 58_324,
  rows: 56_908,
  rejected: new Map([
    [
      'import',
      new Map([
        ['too-long', 1389],
        ['media', 5],
      ]),
    ],
    ['curate', new Map()],
    ['dedup', new Map([['near', 21]])],
  ]),
  redacted: { rows: 23, kinds: { email: 19, phone: 8 } },
  benchmarks: [],
  sources: [],
  languages: [],
};

describe('the last line of data stages', () => {
  it('tells how many rows came out, why the others went, and what was changed', () => {
    expect(summarize(facts)).toBe(
      '56,908 of 58,324 rows came out. 1,416 went: import 1,389 too-long, 5 media; dedup 21 near. 23 rows were changed by redaction: 19 email, 8 phone',
    );
  });

  it('counts rows that the form cannot hold', () => {
    expect(
      summarize({ ...facts, rejected: new Map(), redacted: { rows: 0, kinds: {} } }, new Map([['has turns', 8]])),
    ).toBe('56,900 of 58,324 rows came out. 1,424 went: form 8 has turns');
  });

  it('says so when nothing went', () => {
    const rejected = new Map([['import', new Map<string, number>()]]);
    expect(summarize({ ...facts, read: 3, rows: 3, rejected, redacted: { rows: 0, kinds: {} } })).toBe(
      '3 of 3 rows came out. None was rejected',
    );
  });

  it('shows how to keep rows that are too long', () => {
    expect(tooLongAdvice(facts, 1000)).toBe(
      '1,389 rows have more than 1,000 characters; `--max-characters 4000` keeps those of up to 4,000.',
    );
    expect(tooLongAdvice({ ...facts, rejected: new Map() }, 1000)).toBeNull();
  });
});
