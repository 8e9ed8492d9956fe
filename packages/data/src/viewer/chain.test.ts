import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { idsOf, numberedRow, numberedRows, serveChain } from './testing/serve-chain.ts';

const page = serveChain();

describe('the chain', () => {
  it('counts values, scores by source, and kept and rejected lines', async () => {
    const some = (id: number) => ({ source: id < 30 ? 'a' : 'b', score: id === 0 ? 1 : 0.5, language: 'en' });
    page.chain.put('curate', {
      'rows.jsonl': numberedRows(40, some),
      'rejected.jsonl': [{ question_id: 'x', reason: 'score' }],
    });
    await page.open();
    const { facets, scores } = await page.ask('statistics');
    expect(facets.find(({ facet }: { facet: string }) => facet === 'source').values).toEqual([
      ['a', 30],
      ['b', 10],
    ]);
    expect(scores.map(({ source, rows: count }: { source: string; rows: number }) => [source, count])).toEqual([
      ['a', 30],
      ['b', 10],
    ]);
    expect([scores[0].bins[10], scores[0].bins[19]]).toEqual([29, 1]);
    const [{ files }] = (await page.ask('sets')).sets;
    expect(
      files.map(({ name, role, rows: count }: { name: string; role: string; rows: number }) => [name, role, count]),
    ).toEqual([
      ['rows.jsonl', 'kept', 40],
      ['rejected.jsonl', 'rejected', 1],
    ]);
  });

  it('takes the text of rows that are rejected by id from an earlier stage, and shows their history', async () => {
    page.chain.put('import', { 'rows.jsonl': numberedRows(5) });
    page.chain.put('curate', {
      'rows.jsonl': numberedRows(4),
      'rejected.jsonl': [{ question_id: 'r4', score: 0.2, reason: 'score' }],
    });
    await page.open();
    const rejected = { set: '1', file: 'rejected.jsonl' };
    const {
      rows: [listed],
    } = await page.ask('rows', rejected);
    expect(listed.fields).toMatchObject({ question: 'Question 4?', licence: 'MIT', reason: 'score' });
    expect(listed.textFrom).toEqual({ set: 0, file: 'rows.jsonl', line: 4 });
    expect(await page.ask('trace', { id: 'r4' })).toEqual([
      { set: 0, file: 'rows.jsonl', line: 4, role: 'kept', score: null, reasons: [] },
      { set: 1, file: 'rejected.jsonl', line: 0, role: 'rejected', score: 0.2, reasons: ['score'] },
    ]);
    expect(
      (await page.ask('score', { ...rejected, line: '0' })).parts.map(({ name }: { name: string }) => name),
    ).toContain('coherence');
  });

  it('takes the text of a note on a row from the same stage, and keeps the text of the note', async () => {
    page.chain.put('filter', {
      'rows.jsonl': numberedRows(3),
      'contamination.jsonl': [{ question_id: 'r2', text: 'test item' }],
    });
    await page.open();
    const { fields, textFrom } = await page.ask('row', { file: 'contamination.jsonl', line: '0' });
    expect(fields).toMatchObject({ question: 'Question 2?', text: 'test item' });
    expect(textFrom).toEqual({ set: 0, file: 'rows.jsonl', line: 2 });
  });

  it('shows clusters, the largest first, with their canonical rows, and marks the words in which a row differs', async () => {
    const duplicates = [
      numberedRow(5, { question: 'Question five?', canonical: 'r2', similarity: 0.9 }),
      numberedRow(6, { canonical: 'r1', similarity: 1 }),
      numberedRow(7, { canonical: 'r2', similarity: 0.85 }),
    ];
    page.chain.put('dedup', { 'rows.jsonl': numberedRows(5), 'rejected.jsonl': duplicates });
    await page.open();
    const { clusters, total } = await page.ask('clusters', { file: 'rejected.jsonl' });
    expect(total).toBe(2);
    expect(clusters[0]).toMatchObject({
      id: 'r2',
      duplicates: 2,
      canonical: { line: 2, fields: { question: 'Question 2?' } },
    });
    expect(idsOf(await page.ask('rows', { file: 'rejected.jsonl', canonical: 'r2' }))).toEqual(['r5', 'r7']);
    const { canonical, comparison } = await page.ask('canonical', { file: 'rejected.jsonl', line: '0' });
    expect(canonical).toMatchObject({ set: 0, file: 'rows.jsonl', line: 2 });
    expect(comparison[0]).toEqual({
      field: 'question',
      canonical: [
        { text: 'Question ', differs: false },
        { text: '2', differs: true },
        { text: '?', differs: false },
      ],
      row: [
        { text: 'Question ', differs: false },
        { text: 'five', differs: true },
        { text: '?', differs: false },
      ],
    });
  });

  it('accepts a single file, unknown file names and a damaged manifest', async () => {
    page.chain.put('odd', { 'things.jsonl': [{ some: 'thing' }], 'manifest.json': '{"cut', 'notes.txt': 'no' });
    writeFileSync(join(page.chain.folder, 'alone.jsonl'), JSON.stringify({ text: 'Once.' }));
    page.chain.sets.push({ name: 'alone', folder: join(page.chain.folder, 'alone.jsonl') });
    await page.open();
    const { sets } = await page.ask('sets');
    expect(sets[0]).toMatchObject({ stage: null, files: [{ name: 'things.jsonl', role: 'other', rows: 1 }] });
    expect(sets[1]).toMatchObject({ stage: null, files: [{ name: 'alone.jsonl', role: 'kept', rows: 1 }] });
  });
});

describe('tokens', () => {
  const token = (text: string, trained: boolean) => ({ id: 1, text, trained, special: text.startsWith('<') });
  const tokens = [token('<s>', false), token('Hi', true), token('</s>', true)];

  it('are counted as the preview returns them; a row without a trained token gets a reason', async () => {
    page.chain.put('import', {
      'rows.jsonl': [numberedRow(1), numberedRow(2, { answer: 'silent' }), { rejected: true }],
    });
    const asked: unknown[] = [];
    await page.open({
      preview: async ([one]) => {
        asked.push(one);
        const kept = one?.answer === 'silent' ? tokens.slice(0, 1) : tokens;
        return [{ question_id: 'r1', tokens: kept, reason: null }];
      },
    });
    expect(await page.ask('tokens', { line: '0' })).toEqual({ tokens, trained: 2, special: 2, reason: null });
    expect(asked).toEqual([{ question_id: 'r1', history: [], question: 'Question 1?', answer: 'Answer 1.' }]);
    expect((await page.ask('tokens', { line: '1' })).reason).toBe('The row has no trained token.');
    expect((await page.ask('tokens', { line: '2' })).reason).toContain('not a training row');
  });

  it('need a model, and the error says how to give one', async () => {
    page.chain.put('import', { 'rows.jsonl': numberedRows(1) });
    await page.open();
    expect((await page.ask('tokens', { line: '0' })).error).toMatchObject({
      code: 'LOOK_NO_MODEL',
      hint: expect.stringContaining('--model'),
    });
  });
});
