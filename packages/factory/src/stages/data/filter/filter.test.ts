import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { CuratedRow, hashContent } from '@cogumi/data/rows';
import { sampleRow } from '@cogumi/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runStage, verdicts } from '../../../testing/stage-context.ts';
import { FilterOptions } from './options.ts';
import { readBenchmark } from './read-benchmark.ts';
import { filterGates, scanWritten } from './scan-written.ts';
import { filter } from './stage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-filter-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const row = (question_id: string, question: string, answer: string, rest: Partial<CuratedRow> = {}): CuratedRow => ({
  ...sampleRow({ question_id, question, answer, domain: 'reading', ...rest }),
  score: 0.8,
  language: 'en',
});
const ITEM =
  'A farmer has seventeen sheep and all but nine run away during a storm, so how many sheep are left at home?';
const { signal } = new AbortController();

/** Runs the stage on rows. */
async function run(rows: readonly object[], options: object = {}, sources: Record<string, string> = {}) {
  const input = { files: { 'rows.jsonl': rows }, facts: { rows: rows.length } };
  const { path, facts, gates } = await runStage(filter, { options, sources, inputs: { rows: input } });
  const read = (name: string) => readAllJsonl(path(`${name}.jsonl`), z.record(z.string(), z.unknown()));
  return {
    kept: await readAllJsonl(path('rows.jsonl'), CuratedRow),
    rejected: (await read('rejected')).map(({ question_id, reason }) => [question_id, reason]),
    contamination: await read('contamination'),
    facts,
    verdicts: verdicts({ gates }),
  };
}

describe('filter', () => {
  it('redacts personal data everywhere in a row, and updates its hash', async () => {
    const given = row('a', 'Who is jane@firm.de?', 'Call 604-457-4895.', {
      history: [{ role: 'user', content: 'I am at 84.200.69.80' }],
      reasoning: 'Her mail is jane@firm.de.',
    });
    const { kept, facts, verdicts } = await run([given, row('b', 'Hi', 'Hello.')]);
    expect(kept[0]).toMatchObject({
      question: 'Who is [EMAIL]?',
      answer: 'Call [PHONE].',
      history: [{ content: 'I am at [IP]' }],
      reasoning: 'Her mail is [EMAIL].',
    });
    expect(kept[0]?.hash).toBe(hashContent(kept[0] as CuratedRow));
    expect(kept[0]?.hash).not.toBe(given.hash);
    expect(kept[1]).toEqual(row('b', 'Hi', 'Hello.'));
    expect(facts).toMatchObject({
      rows: 2,
      redacted: { rows: 1, email: 2, phone: 1, ip: 1 },
      redactionSamples: {
        phone: [{ question_id: 'a', form: '000-000-0000', context: 'Call [PHONE].' }],
        email: [{ question_id: 'a', form: 'xxxx@xxxx.xx', context: 'Who is [EMAIL]?' }],
      },
    });
    expect(verdicts).toEqual({ 'no-pii': 'pass', 'no-duplicates': 'pass', schema: 'pass' });
  });

  it('redacts the steps between question and answer, and the reasoning of every turn', async () => {
    const steps = [
      { role: 'assistant', content: 'Mail to jane@firm.de.', reasoning: 'Call 604-457-4895.', train: false },
      { role: 'tool', content: 'Sent from 84.200.69.80' },
    ] as const;
    const { kept, verdicts } = await run([row('a', 'Write to Jane.', 'Done.', { steps: [...steps] })]);
    expect(kept[0]?.steps).toEqual([
      { role: 'assistant', content: 'Mail to [EMAIL].', reasoning: 'Call [PHONE].', train: false },
      { role: 'tool', content: 'Sent from [IP]' },
    ]);
    expect(verdicts['no-pii']).toBe('pass');
  });

  it('leaves coordinates, decimals, amounts and times as they are, and says in log and gate what it redacted', async () => {
    const answers = [
      'The tower stands at latitude +48.8583701 and longitude +2.2944813 in decimal degrees.',
      'The value of pi with a sign is +3.14159265 when it is rounded to eight places.',
      'The balance changed by +12500000 yen between the first and the second quarter.',
      'It leaves at 2024-05-01T10:00:00+0200, which is eight in the morning in UTC.',
      'Write to maria.lopez@firm-berlin.de or call +49 30 2273 2152 in the morning.',
    ];
    const rows = answers.map((answer, at) => row(`r${at}`, `What about ${at}?`, answer));
    const { path, gates, warnings } = await runStage(filter, {
      options: {},
      inputs: { rows: { files: { 'rows.jsonl': rows }, facts: { rows: rows.length } } },
    });
    const kept = await readAllJsonl(path('rows.jsonl'), CuratedRow);
    expect(kept.map(({ answer }) => answer)).toEqual([
      ...answers.slice(0, 4),
      'Write to [EMAIL] or call [PHONE] in the morning.',
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^redacted in 1 of 5 rows: 1 email, 1 phone /)]);
    expect(gates.find(({ name }) => name === 'no-pii')?.evidence).toContain(
      'redacted in 1 of 5 rows: 1 email, 1 phone',
    );
    expect(await readAllJsonl(path('redactions.jsonl'), z.record(z.string(), z.unknown()))).toMatchObject([
      { question_id: 'r4', kind: 'email', form: 'xxxxx.xxxxx@xxxx-xxxxxx.xx' },
      {
        question_id: 'r4',
        kind: 'phone',
        form: '+00 00 0000 0000',
        context: expect.stringContaining('call [PHONE] in'),
      },
    ]);
  });

  it('redacts until nothing is found: one redaction may expose another match', async () => {
    const { kept, facts, verdicts } = await run([
      row('a', 'Whose is +44 20 7946 1234 536-22-8726?', 'Of 4539 1488 0343 6467 +44 20 7946 1234.'),
    ]);
    expect(kept[0]).toMatchObject({ question: 'Whose is [PHONE] [SSN]?', answer: 'Of [CARD] [PHONE].' });
    expect(facts).toMatchObject({ redacted: { rows: 1, phone: 2, ssn: 1, card: 1 } });
    expect(verdicts['no-pii']).toBe('pass');
  });

  it('rejects such rows, or does not search, as the options say', async () => {
    const rows = [row('a', 'Who is jane@firm.de?', 'Jane.')];
    expect((await run(rows, { pii: 'drop' })).rejected).toEqual([['a', 'pii']]);
    const off = await run(rows, { pii: 'off' });
    expect(off.kept).toEqual(rows);
    expect(off.verdicts).toEqual({ 'no-duplicates': 'pass', schema: 'pass' });
  });

  it('rejects rows that redaction has made equal', async () => {
    const { kept, rejected, verdicts } = await run([
      row('a', 'Mail jane@firm.de', 'Done.'),
      row('b', 'Mail john@firm.de', 'Done.'),
    ]);
    expect(kept.map(({ question_id }) => question_id)).toEqual(['a']);
    expect(rejected).toEqual([['b', 'duplicate']]);
    expect(verdicts['no-duplicates']).toBe('pass');
  });

  it('rejects rows that contain a test item, and names the item', async () => {
    const path = join(folder, 'test.jsonl.gz');
    writeFileSync(
      path,
      gzipSync(
        `${JSON.stringify({ question: 'What else is there that nobody has ever thought of asking?' })}\n${JSON.stringify({ question: ITEM })}\n`,
      ),
    );
    const rows = [row('a', `Answer this: ${ITEM}`, 'Nine.'), row('b', 'Name a farmer.', 'Tom.')];
    const options = { benchmarks: [{ name: 'sheep', path: 'test.jsonl.gz' }] };
    const checked = await run(rows, options, { 0: path });
    expect(checked.rejected).toEqual([['a', 'contamination']]);
    const found = row('c', 'Find a riddle.', 'Here it is.', { steps: [{ role: 'tool', content: ITEM }] });
    expect((await run([found], options, { 0: path })).rejected).toEqual([['c', 'contamination']]);
    expect(checked.contamination).toMatchObject([
      { question_id: 'a', benchmark: 'sheep', item: 1, overlap: 1, text: ITEM },
    ]);
    expect(checked.verdicts['no-contamination']).toBe('pass');
    expect(checked.facts).toMatchObject({
      contamination: { sheep: 1 },
      benchmarks: { sheep: { items: 2, unreadable: 0, notJudged: 0 } },
    });
    const reported = await run(rows, { ...options, contamination: 'report' }, { 0: path });
    expect(reported.kept).toHaveLength(2);
    expect(reported.verdicts['no-contamination']).toBe('fail');
  });

  it('rejects rows of the wrong length, repetition and gibberish, but not short answers', async () => {
    const random = Array.from({ length: 2000 }, (_, at) => String.fromCharCode(0x100 + ((at * 7919) % 997))).join('');
    const { rejected, kept } = await run(
      [
        row('long', 'Go on.', 'word '.repeat(2100)),
        row('same', 'Laugh.', 'ha'.repeat(50)),
        row('noise', 'Speak.', random),
        { ...row('chinese', '说话', random), language: 'zh' },
        row('short', 'Hi', 'Yo'),
      ],
      { mostTokens: 2050 },
    );
    expect(rejected).toEqual([
      ['long', 'tokens'],
      ['same', 'entropy'],
      ['noise', 'entropy'],
    ]);
    expect(kept.map(({ question_id }) => question_id)).toEqual(['chinese', 'short']);
    expect((await run([row('short', 'Hi', 'Yo')], { leastTokens: 150 })).rejected).toEqual([['short', 'tokens']]);
  });

  it('counts by source, domain, language and length', async () => {
    const rows = [
      row('a', 'Hi', 'Yo', { source: 'x' }),
      row('b', 'Go on.', `${'word '.repeat(200)}.`, { source: 'constructor', domain: null }),
    ];
    expect((await run(rows)).facts).toMatchObject({
      bySource: { x: { read: 1, kept: 1, rejected: 0, reasons: {} }, constructor: { read: 1, kept: 1 } },
      domains: { reading: 1, none: 1, math: 0 },
      languages: { en: 2 },
      tokens: { rows: [1, 0, 1, 0, 0] },
    });
  });

  it('refuses input lines that are not rows', async () => {
    await expect(run([{ question: 'Hi' }])).rejects.toMatchObject({ code: 'ROW_INVALID' });
  });
});

describe('scanWritten', () => {
  it('finds problems in a written file, so that the gates can fail', async () => {
    const path = join(folder, 'rows.jsonl');
    const good = row('a', 'Hi', 'Hello.');
    await writeJsonl(path, [
      good,
      good,
      row('b', 'Who?', 'jane@firm.de'),
      { ...row('c', 'Hi', 'Ho'), hash: good.hash },
      { question: 'Hi' },
    ]);
    const findings = await scanWritten(path, null, signal);
    expect(findings).toEqual({ rows: 5, pii: 1, duplicates: 1, contaminated: 0, misfits: 2 });
    const gates = filterGates(findings, { pii: true, contamination: false }, 0, null);
    expect(gates.map(({ name, verdict, measured }) => [name, verdict, measured])).toEqual([
      ['no-pii', 'fail', 1],
      ['no-duplicates', 'fail', 1],
      ['schema', 'fail', 2],
    ]);
  });
});

describe('filterGates', () => {
  const clean = { rows: 3, pii: 0, duplicates: 0, contaminated: 0, misfits: 0 };
  const judge = (rows: number, testItems: number | null) =>
    Object.fromEntries(
      filterGates({ ...clean, rows }, { pii: true, contamination: testItems !== null }, testItems ?? 0, null).map(
        ({ name, verdict }) => [name, verdict],
      ),
    );

  it('skips every gate over no rows: that nothing was found in nothing is no proof', () => {
    expect(judge(0, 5)).toEqual({
      ...{ 'no-pii': 'skipped', 'no-duplicates': 'skipped', 'no-contamination': 'skipped', schema: 'skipped' },
    });
  });

  it('skips the search for test items where no item is long enough to be found', () => {
    const found = { 'no-pii': 'pass', 'no-duplicates': 'pass', schema: 'pass' };
    expect(judge(3, 0)).toEqual({ ...found, 'no-contamination': 'skipped' });
    expect(judge(3, 2)).toEqual({ ...found, 'no-contamination': 'pass' });
    expect(judge(3, null)).toEqual(found);
  });
});

describe('readBenchmark', () => {
  const read = (name: string, text: string, field: string | null = null) => {
    writeFileSync(join(folder, name), text);
    return readBenchmark({ name: 'b', path: name, field }, join(folder, name), signal);
  };

  it('reads a JSON list, JSON Lines, and a list inside an object', async () => {
    expect((await read('a.json', JSON.stringify([{ prompt: 'One?' }, { prompt: 'Two?' }]))).items).toEqual([
      'One?',
      'Two?',
    ]);
    expect(
      (await read('b.json', JSON.stringify({ canary: 'x', examples: [{ input: 'One?', target: '1' }] }))).items,
    ).toEqual(['One?']);
    expect((await read('c.jsonl', '{"asked":"One?"}\n', 'asked')).items).toEqual(['One?']);
  });

  it('adds the choices to a question that is too short to be specific', async () => {
    const item = { question: 'Which is true?', choices: ['All', 'None'] };
    expect((await read('a.jsonl', JSON.stringify(item))).items).toEqual(['Which is true?\nAll\nNone']);
  });

  it('counts unreadable records and records without text, and refuses more than a tenth of them', async () => {
    const good = Array.from({ length: 18 }, (_, at) => `{"question":"Number ${at}?"}`);
    const some = await read('some.jsonl', [...good, '{"question":', '{"question":""}'].join('\n'));
    expect([some.items.length, some.unreadable]).toEqual([18, 2]);
    await expect(
      read('more.jsonl', ['{"question":', '{"x":1}', '', ...good.slice(1)].join('\n')),
    ).rejects.toMatchObject({
      code: 'BENCHMARK_UNREADABLE',
      message: expect.stringMatching(/^2 of 19 records of more\.jsonl .* The first: record 1 is not JSON\.$/),
    });
    await expect(read('none.jsonl', '{"question":\n{"x"')).rejects.toMatchObject({
      code: 'BENCHMARK_EMPTY',
      message: expect.stringContaining('2 records'),
    });
    await expect(read('nothing.jsonl', '')).rejects.toMatchObject({ code: 'BENCHMARK_EMPTY' });
  });

  it('refuses a file without questions', async () => {
    await expect(read('a.jsonl', '{"x":1}\n')).rejects.toMatchObject({
      code: 'BENCHMARK_EMPTY',
      message: expect.stringContaining('1 records'),
    });
    expect(
      FilterOptions.safeParse({
        benchmarks: [
          { name: 'a', path: 'x' },
          { name: 'a', path: 'y' },
        ],
      }).success,
    ).toBe(false);
  });
});
