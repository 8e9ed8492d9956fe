import type { Row } from '@cogumi/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { HOSTILE } from './testing/create-chain.ts';
import { idsOf, numberedRow, numberedRows, serveChain } from './testing/serve-chain.ts';

const page = serveChain();

describe('rows of a file', () => {
  it('come in pages of 50 in file order', async () => {
    page.chain.put('import', { 'rows.jsonl': numberedRows(120) });
    await page.open();
    const second = await page.ask('rows', { from: '50' });
    expect(idsOf(second)).toEqual(Array.from({ length: 50 }, (_, at) => `r${50 + at}`));
    expect(second).toMatchObject({ next: 100, total: 120 });
    const last = await page.ask('rows', { from: '100' });
    expect(last.rows).toHaveLength(20);
    expect(last.next).toBeNull();
    expect((await page.ask('rows', { from: '-1' })).error.code).toBe('LOOK_NOT_FOUND');
  });

  it('are split only at newlines; an unreadable line is shown with its reason and affects no other line', async () => {
    const odd = JSON.stringify(numberedRow(1, { answer: 'a\u2028b\u0085c' }));
    page.chain.put('import', { 'rows.jsonl': `\ufeff${odd}\r\n\n{"cut\n[1]\n7\n${JSON.stringify(numberedRow(2))}` });
    await page.open();
    const { rows: found } = await page.ask('rows');
    expect(found.map(({ fields }: { fields: Row }) => fields.answer)).toEqual([
      'a\u2028b\u0085c',
      undefined,
      undefined,
      undefined,
      undefined,
      'Answer 2.',
    ]);
    expect(found[1].unreadable).toContain('empty');
    expect(found[2].unreadable).toContain('{"cut');
    expect((await page.ask('sets')).sets[0].files[0]).toMatchObject({ rows: 6, unreadable: 3 });
  });

  it('are unreadable if nested too deep, which breaks neither the page nor a search', async () => {
    const deep = `{"question_id":"deep","answer":"Answer 1.","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    page.chain.put('import', { 'rows.jsonl': [JSON.stringify(numberedRow(1)), deep, ''].join('\n') });
    await page.open();
    const { rows: found } = await page.ask('rows');
    expect(found).toMatchObject([{ fields: { question_id: 'r1' } }, { fields: {}, unreadable: expect.any(String) }]);
    expect(found[1].unreadable).toMatch(/^The line is nested deeper than 100 levels: \{"question_id":"deep"/);
    expect(idsOf(await page.ask('rows', { text: 'answer 1' }))).toEqual(['r1']);
    expect((await page.ask('row', { line: '1' })).unreadable).toBe(found[1].unreadable);
  });

  it('keep every character, and are cut off only in the list', async () => {
    page.chain.put('import', {
      'rows.jsonl': [numberedRow(1, { answer: HOSTILE }), numberedRow(2, { answer: 'x'.repeat(200_000) })],
    });
    await page.open();
    const { rows: listed } = await page.ask('rows');
    expect(listed[0].fields.answer).toBe(HOSTILE);
    expect(listed[1].fields.answer).toMatch(/^x{400}… \(199,600 more characters\)$/);
    expect((await page.ask('row', { line: '1' })).fields.answer).toHaveLength(200_000);
  });

  it('are found across the borders of read chunks', async () => {
    // 3 MiB of lines of growing length: no chunk ends with one.
    const long = numberedRows(2000, (id) => ({ answer: 'é'.repeat(id) }));
    page.chain.put('import', { 'rows.jsonl': long });
    await page.open();
    for (const line of [0, 1, 999, 1350, 1999]) {
      expect((await page.ask('row', { line: String(line) })).fields.answer).toBe('é'.repeat(line));
    }
    expect((await page.ask('row', { line: '2000' })).error.message).toContain('2000 lines');
  });
});

describe('filters', () => {
  beforeEach(() => {
    const some = (id: number) => ({
      source: id % 2 ? 'odd' : 'even',
      domain: id % 5 === 0 ? 'math' : 'coding',
      difficulty: id < 10 ? 'hard' : 'easy',
      language: id === 3 ? 'de' : 'en',
      score: id / 100,
      history: id === 7 ? [{ role: 'user', content: 'An Earlier Word' }] : [],
      ...(id === 8 ? { reasons: ['too short', { name: 'contamination', count: 2 }] } : {}),
    });
    page.chain.put('curate', { 'rows.jsonl': numberedRows(100, some) });
  });

  it.each<[Record<string, string>, number[]]>([
    [{ source: 'odd', difficulty: 'hard', domain: 'math' }, [5]],
    [{ language: 'de' }, [3]],
    [{ leastScore: '0.97', mostScore: '0.98' }, [97, 98]],
    [{ text: 'earlier word' }, [7]],
    [{ reason: 'contamination' }, [8]],
    [{ reason: 'too short' }, [8]],
    [{ source: 'od' }, []],
  ])('%j', async (query, expected) => {
    await page.open();
    const found = await page.ask('rows', query);
    expect(idsOf(found)).toEqual(expected.map((id) => `r${id}`));
    expect(found).toMatchObject({ looked: 100, total: 100, next: null });
  });

  it('continue on the next page', async () => {
    await page.open();
    const first = await page.ask('rows', { language: 'en' });
    expect(idsOf(first).at(-1)).toBe('r50');
    expect(idsOf(await page.ask('rows', { language: 'en', from: String(first.next) }))[0]).toBe('r51');
  });

  it('stop at the time limit, report their progress, and find the rest when continued', async () => {
    page.chain.put('large', {
      'rows.jsonl': numberedRows(3000, (id) => ({ answer: 'w'.repeat(1000), source: id === 2999 ? 'last' : 's' })),
    });
    await page.open({ scanMilliseconds: 0 });
    let steps = 0;
    let found = await page.ask('rows', { set: '1', source: 'last' });
    for (; found.rows.length === 0; steps++) {
      expect(found.looked).toBe(found.next);
      expect(found.looked).toBeLessThan(3000);
      found = await page.ask('rows', { set: '1', source: 'last', from: String(found.next) });
    }
    expect(idsOf(found)).toEqual(['r2999']);
    expect(steps).toBeGreaterThan(1);
  });
});
