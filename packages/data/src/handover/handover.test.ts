import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '@cogumi/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openFile } from '../formats/byte-source.ts';
import { readRecords } from '../formats/read-records.ts';
import { sampleRow } from '../testing/sample-row.ts';
import { dataCard } from './data-card.ts';
import { datasetInfo } from './dataset-info.ts';
import type { Form } from './record-forms.ts';
import { countRejected, writeRejected } from './rejected-rows.ts';
import { writeTrainingFiles } from './write-training-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-handover-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain = sampleRow({ question: 'Capital of Peru?', answer: 'Lima' });
const chat = sampleRow({
  question: 'And of Chile?',
  answer: 'Santiago',
  history: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Capital of Peru?' },
    { role: 'assistant', content: 'Lima' },
  ],
});
const marked: Row = {
  ...chat,
  question: 'And of Bolivia?',
  history: chat.history.map((turn) => (turn.role === 'assistant' ? { ...turn, train: false } : turn)),
};
const tool: Row = {
  ...sampleRow({ question: 'Rain in Oslo?', answer: 'Yes.' }),
  steps: [
    { role: 'assistant', content: '{"name":"weather"}' },
    { role: 'tool', content: 'rain' },
  ],
};

async function write(form: Form, rows: readonly Row[], { parquet = false, validationShare = 0 } = {}) {
  const out = mkdtempSync(join(folder, 'out-'));
  const path = join(out, 'in.jsonl');
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const left: string[] = [];
  const written = await writeTrainingFiles(path, out, { form, parquet, validationShare }, (_row, reason) => {
    left.push(reason);
    return undefined;
  });
  const records: unknown[] = [];
  for (const { name } of written.files) {
    const source = await openFile(join(out, name));
    for await (const record of readRecords(source)) records.push('value' in record ? record.value : record.reason);
    await source.close();
  }
  return { written, records, left };
}

describe('rows in the form', () => {
  it.each([false, true])('messages mark the answers that are not to be learned, Parquet: %s', async (parquet) => {
    const { records } = await write('messages', [plain, marked, tool], { parquet });
    expect(records).toMatchObject([
      {
        messages: [
          { role: 'user', content: 'Capital of Peru?' },
          { role: 'assistant', content: 'Lima', weight: 1 },
        ],
      },
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user' },
          { role: 'assistant', content: 'Lima', weight: 0 },
          { role: 'user' },
          { role: 'assistant', content: 'Santiago', weight: 1 },
        ],
      },
      { messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'tool', content: 'rain' }, { role: 'assistant' }] },
    ]);
    const { records: unmarked } = await write('messages', [plain], { parquet });
    expect(unmarked).toEqual([
      {
        messages: [
          { role: 'user', content: 'Capital of Peru?' },
          { role: 'assistant', content: 'Lima' },
        ],
      },
    ]);
  });

  it.each([false, true])('prompt-completion have only the answer to learn, Parquet: %s', async (parquet) => {
    const { records } = await write('prompt-completion', [plain, marked], { parquet });
    expect(records).toMatchObject([
      { prompt: [{ role: 'user', content: 'Capital of Peru?' }], completion: [{ role: 'assistant', content: 'Lima' }] },
      { prompt: [{}, {}, { content: 'Lima' }, {}], completion: [{ role: 'assistant', content: 'Santiago' }] },
    ]);
  });

  it.each([false, true])(
    'alpaca have system prompt and earlier turns in each record or in none, Parquet: %s',
    async (parquet) => {
      const { records, left } = await write('alpaca', [plain, chat, marked, tool], { parquet });
      expect(records).toEqual([
        { instruction: 'Capital of Peru?', input: '', output: 'Lima', system: '', history: [] },
        {
          instruction: 'And of Chile?',
          input: '',
          output: 'Santiago',
          system: 'Be brief.',
          history: [['Capital of Peru?', 'Lima']],
        },
      ]);
      expect(left).toEqual([expect.stringContaining('not to be learned'), expect.stringContaining('no pairs')]);
      expect((await write('alpaca', [plain], { parquet })).records).toEqual([
        { instruction: 'Capital of Peru?', input: '', output: 'Lima' },
      ]);
    },
  );

  it.each([false, true])('sharegpt name the speakers as LLaMA-Factory does, Parquet: %s', async (parquet) => {
    const { records, left } = await write('sharegpt', [chat, marked, tool], { parquet });
    const speakers = (records as { conversations: { from: string }[] }[]).map((record) =>
      record.conversations.map(({ from }) => from),
    );
    expect(speakers).toEqual([
      ['system', 'human', 'gpt', 'human', 'gpt'],
      ['human', 'gpt', 'observation', 'gpt'],
    ]);
    expect(left).toHaveLength(1);
  });

  it('are all written, more than fit in one row group', async () => {
    const many = Array.from({ length: 10_500 }, (_, at) =>
      sampleRow({ question: `Count to ${at}`, answer: `${at} é` }),
    );
    const { written, records } = await write('messages', many, { parquet: true, validationShare: 0.01 });
    expect(written.files).toEqual([
      { name: 'train.parquet', split: 'train', rows: 10_395 },
      { name: 'validation.parquet', split: 'validation', rows: 105 },
    ]);
    expect(new Set(records.map((record) => JSON.stringify(record))).size).toBe(10_500);
  });

  it('that nobody fits give a file without rows, which can be read', async () => {
    for (const parquet of [false, true]) expect((await write('alpaca', [tool], { parquet })).records).toEqual([]);
  });
});

describe('rejected rows of all stages', () => {
  it('have stage, reason and their texts, or the place of a record that never became a row', async () => {
    const rows = [plain, chat].map((row, at) => ({ ...row, question_id: `r${at}` }));
    const set = (name: string, rejected: readonly object[]) => {
      const place = join(folder, `rejected-${name}`);
      mkdirSync(place);
      writeFileSync(join(place, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      writeFileSync(join(place, 'rejected.jsonl'), rejected.map((row) => `${JSON.stringify(row)}\n`).join(''));
      return { name, folder: place };
    };
    const sets = [
      set('import', [
        { source: 's', file: 'f', number: 3, code: 'too-long', reason: 'has 9 characters, more than 5', start: '{' },
      ]),
      set('curate', [{ question_id: 'r1', source: 's', reason: 'score', score: 0.1 }]),
      set('filter', [{ question_id: 'r0', source: 's', reason: 'tokens', detail: 'about 9 tokens' }]),
    ];
    const lines: unknown[] = [];
    await writeRejected(sets, { write: (line) => void lines.push(line) });
    expect(lines).toMatchObject([
      { stage: 'import', code: 'too-long', number: 3 },
      { stage: 'filter', reason: 'tokens', detail: 'about 9 tokens', question: 'Capital of Peru?', answer: 'Lima' },
      { stage: 'curate', reason: 'score', score: 0.1, question: 'And of Chile?' },
    ]);
    expect(await countRejected(sets)).toEqual(
      new Map([
        ['import', new Map([['too-long', 1]])],
        ['curate', new Map([['score', 1]])],
        ['filter', new Map([['tokens', 1]])],
      ]),
    );
  });
});

describe('a data card', () => {
  const card = async (form: Form, licences: readonly string[]) => {
    const { written } = await write(form, [plain, chat, marked], { validationShare: 0.3 });
    const text = dataCard({
      name: 'rivers: "all"',
      handover: { form, parquet: false, validationShare: 0.3 },
      written,
      sources: licences.map((licence, at) => ({
        name: `s|${at}`,
        read: 1200,
        kept: 3,
        licence,
        terms: at === 0 ? 'openai' : null,
      })),
      languages: ['en', 'no'],
      rejected: new Map([['import', new Map([['too-long', 1100]])]]),
      redacted: { rows: 2, kinds: { email: 3 } },
      benchmarks: form === 'messages' ? ['gsm8k', 'mmlu'] : [],
    });
    const [, header = '', body = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(text) ?? [];
    return { header: parse(header), body, info: datasetInfo(written, form) };
  };

  it('has a header as the Hub reads it', async () => {
    const { header } = await card('messages', ['MIT', 'MIT']);
    expect(header).toEqual({
      pretty_name: 'rivers: "all"',
      license: 'mit',
      language: ['en', 'no'],
      task_categories: ['text-generation'],
      size_categories: ['n<1K'],
      dataset_info: {
        features: [
          {
            name: 'messages',
            list: [
              { name: 'role', dtype: 'string' },
              { name: 'content', dtype: 'string' },
              { name: 'weight', dtype: 'int32' },
            ],
          },
        ],
      },
      configs: [
        {
          config_name: 'default',
          data_files: [
            { split: 'train', path: 'train.jsonl' },
            { split: 'validation', path: 'validation.jsonl' },
          ],
        },
      ],
    });
    expect((await card('alpaca', ['MIT', 'CC0-1.0'])).header.license).toBe('other');
    expect((await card('rows', ['unknown', 'MIT'])).header).not.toHaveProperty('license');
  });

  it('tells sources, licences, what was removed and what was replaced', async () => {
    const { body } = await card('messages', ['MIT', 'unknown']);
    expect(body).toContain('| s\\|0 | 1,200 | 3 | MIT | openai |');
    expect(body).toContain('Nobody stated the licence of s|1.');
    expect(body).toContain('| import | too-long | 1,100 |');
    expect(body).toContain('Personal data was replaced in 2 rows: email 3.');
    expect(body).toContain('message_field_training: weight');
    expect(body).toContain('compared with the test items of gsm8k, mmlu.');
    expect((await card('alpaca', ['MIT'])).body).toContain('has an answer that is not to be learned');
  });

  it('comes with the file by which LLaMA-Factory finds the data', async () => {
    const { info } = await card('alpaca', ['MIT']);
    expect(info).toMatchObject({
      train: {
        file_name: 'train.jsonl',
        columns: { prompt: 'instruction', response: 'output', system: 'system', history: 'history' },
      },
      validation: { file_name: 'validation.jsonl' },
    });
    expect((await card('sharegpt', ['MIT'])).info).toMatchObject({
      train: { formatting: 'sharegpt', columns: { messages: 'conversations' } },
    });
    expect((await card('prompt-completion', ['MIT'])).info).toBeNull();
  });
});
