import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Row } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { createHub, readHubSettings } from '@cogumi/data/hub';
import { startHubServer } from '@cogumi/data/hub/testing';
import { ImportOptions, localPaths, resolveSources, withoutFolders } from '@cogumi/data/import';
import { createRandom } from '@cogumi/pure';
import { serve, sharedData } from '@cogumi/pure/testing';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Progress, StageContext } from '../../context.ts';
import { importStage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const Rejected = z.strictObject({
  source: z.string(),
  file: z.string(),
  number: z.int(),
  code: z.string(),
  reason: z.string(),
  start: z.string(),
});

/** The stage on these sources, as a build runs it. */
async function run(
  sources: z.input<typeof ImportOptions>['sources'],
  {
    seed = 1,
    signal = new AbortController().signal,
    onProgress = () => {},
    ...shared
  }: Omit<z.input<typeof ImportOptions>, 'sources'> & {
    seed?: number;
    signal?: AbortSignal;
    onProgress?: () => void;
  } = {},
) {
  const given = ImportOptions.parse({ sources, ...shared });
  const output = mkdtempSync(join(folder, 'out-'));
  const warnings: string[] = [];
  const progress: Progress[] = [];
  const context: Partial<StageContext<ImportOptions>> = {
    options: withoutFolders(given),
    sources: localPaths(given),
    output,
    random: createRandom(seed),
    signal,
    warn: (message) => void warnings.push(message),
    progress: (at) => {
      progress.push(at);
      onProgress();
    },
  };
  const { facts } = await importStage.run(context as StageContext<ImportOptions>);
  const rows = await readAllJsonl(join(output, 'rows.jsonl'), Row);
  const rejected = await readAllJsonl(join(output, 'rejected.jsonl'), Rejected);
  const bySource = Object.values(facts.bySource as Record<string, Record<string, unknown>>);
  return { facts, bySource, rows, rejected, warnings, progress, output };
}

function file(name: string, content: string | Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const lines = (records: readonly unknown[]) => records.map((record) => JSON.stringify(record)).join('\n');

describe('import of real files', () => {
  const maxCharacters = 100_000;
  // A short Python script counted the rows and conversations without an answer, and questions that end in a line `<image>`.
  it.each([
    ['alpaca/alpaca_cleaned.jsonl.gz', 'alpaca', 51_924, 51_919],
    ['alpaca/alpaca_original_5000.json.gz', 'alpaca', 5000, 4998],
    ['codealpaca/code_alpaca_2k.json.gz', 'alpaca', 2017, 2015],
    ['codealpaca/new_codealpaca.json.gz', 'alpaca', 4535, 4535],
    ['dolly/dolly_6400_flan_t5_xl.jsonl.gz', 'dolly', 6400, 6400],
    ['gsm8k/train.jsonl.gz', 'gsm8k', 7473, 7473],
    ['instruct/lima.json.gz', 'alpaca', 1029, 1029],
    ['instruct/gpteacher_roleplay.json.gz', 'alpaca', 3146, 3146],
    ['hh_rlhf/harmless_base_test.jsonl.gz', 'hh', 2312, 2308],
    ['toolcall/glaive_toolcall_en_demo.json.gz', 'sharegpt', 300, 300],
    ['preference/dpo_en_demo.json.gz', 'sharegpt', 300, 300],
    ['preference/kto_en_demo.json.gz', 'messages', 300, 150],
  ])('%s is %s: %i records, %i rows', async (path, shape, read, taken) => {
    const { bySource, rows, rejected } = await run([{ path: sharedData(path), maxCharacters }]);
    expect(bySource).toMatchObject([{ shape, read, taken, rejected: read - taken }]);
    expect(rows).toHaveLength(taken);
    expect(rejected).toHaveLength(read - taken);
  });

  it('reads T0, whose records are pairs of prompt and completion, also by a mapping', async () => {
    const path = sharedData('t0/reading.jsonl.gz');
    const facts = { path, maxCharacters, domain: 'reading', name: 't0' } as const;
    const mapped = await run([{ ...facts, mapping: { question: 'prompt', answer: 'completion' } }]);
    expect(mapped.bySource).toMatchObject([{ shape: 'mapping', read: 800, taken: 800 }]);
    expect(mapped.rows[0]).toMatchObject({ source: 't0', domain: 'reading', question_id: 'import_0_000001' });
    const { bySource, rows } = await run([facts]);
    expect(bySource).toMatchObject([{ shape: 'prompt-completion', read: 800, taken: 800 }]);
    expect(rows).toEqual(mapped.rows);
  });

  it('names the fields of a file in an unknown format', async () => {
    await expect(run([{ path: sharedData('mt_bench/question.jsonl') }])).rejects.toMatchObject({
      code: 'IMPORT_SHAPE',
      message: expect.stringContaining('Their fields are question_id, category, turns'),
      hint: expect.stringContaining('mapping: { question: FIELD, answer: FIELD }'),
    });
  });

  it('refuses a file that is not in the format that the recipe names', async () => {
    const source = { path: sharedData('gsm8k/train.jsonl.gz'), format: 'alpaca' } as const;
    await expect(run([source])).rejects.toMatchObject({
      code: 'IMPORT_SHAPE',
      message: expect.stringMatching(/^100 of the first 100 records .* Their fields are question, answer\.$/),
    });
  });
});

describe('import', () => {
  const records = Array.from({ length: 300 }, (_, row) => ({ instruction: `Count to ${row}`, output: `${row}` }));

  it('samples the requested number of rows by the seed, in input order', async () => {
    const path = file('count.jsonl', lines(records));
    const first = await run([{ path, take: 50 }]);
    expect(first.rows).toHaveLength(50);
    expect(first.bySource).toMatchObject([{ read: 300, taken: 50, rejected: 0 }]);
    const ids = first.rows.map(({ question_id }) => question_id);
    expect(ids).toEqual(ids.toSorted());
    expect((await run([{ path, take: 50 }])).rows).toEqual(first.rows);
    expect((await run([{ path, take: 50 }], { seed: 2 })).rows).not.toEqual(first.rows);
    expect((await run([{ path, take: 999 }])).rows).toEqual((await run([{ path }])).rows);
  });

  it('lists rejected records with place, reason and beginning', async () => {
    const broken = [
      ...records.slice(0, 40).map((record) => JSON.stringify(record)),
      '{"instruction": "a", "out',
      JSON.stringify({ instruction: 'a', output: '' }),
      JSON.stringify({ instruction: '', output: 'b' }),
      '',
      JSON.stringify({ question: 'another', answer: 'form' }),
      '{"instruction": "half", "output": "\\ud800"}',
      JSON.stringify({ id: 7, instruction: 'a', output: 'b' }),
      JSON.stringify({ id: 7, instruction: 'c', output: 'd' }),
    ];
    const { rejected, bySource, rows } = await run([{ path: file('broken.jsonl', broken.join('\n')) }]);
    expect(rejected.map(({ number, code }) => [number, code])).toEqual([
      [41, 'unreadable'],
      [42, 'no-answer'],
      [43, 'no-question'],
      [45, 'other-format'],
      [46, 'not-text'],
      [48, 'duplicate-id'],
    ]);
    expect(rejected[0]).toEqual({
      source: 'broken.jsonl',
      file: 'broken.jsonl',
      number: 41,
      code: 'unreadable',
      reason: 'is not JSON',
      start: '{"instruction": "a", "out',
    });
    expect(rows).toHaveLength(41);
    expect(bySource).toMatchObject([
      {
        read: 47,
        taken: 41,
        rejected: 6,
        reasons: { unreadable: 1, 'no-answer': 1, 'not-text': 1, 'duplicate-id': 1 },
      },
    ]);
  });

  it('keeps rows whose unread fields are NaN, and names NaN where a file fails because of it', async () => {
    const row = (score: string, output = '"b"') => `{"instruction":"a","input":"","output":${output},"score":${score}}`;
    const kept = await run([{ path: file('unread.jsonl', [row('NaN'), row('0.5'), row('-Infinity')].join('\n')) }]);
    expect(kept.rows).toHaveLength(3);
    const read = await run([{ path: file('read.jsonl', [row('1', 'NaN'), row('1')].join('\n')) }]);
    expect(read.rejected).toMatchObject([{ code: 'not-finite', reason: 'has NaN in its field `output`' }]);
    expect(read.warnings[0]).toContain('NaN in its field `output`');
    const all = run([{ path: file('all.jsonl', [row('1', 'NaN'), row('1', 'NaN')].join('\n')) }]);
    await expect(all).rejects.toMatchObject({ message: expect.stringContaining('`output` is NaN in 2 of them') });
  });

  it('does not use integers beyond 2^53 as ids', async () => {
    const ids = ['1234567890123456788', '1234567890123456789', '9007199254740991', '9007199254740991'];
    const text = ids.map((id) => `{"id":${id},"instruction":"a","output":"b"}`).join('\n');
    const { rejected, rows } = await run([{ path: file('large-ids.jsonl', text) }]);
    expect(rejected.map(({ number, code }) => [number, code])).toEqual([[4, 'duplicate-id']]);
    expect(rows).toHaveLength(3);
  });

  it('gives rows their source, licence and terms, and reports progress to the last byte', async () => {
    const csv = `query,response\n${Array.from({ length: 9 }, (_, row) => `${row}?,${row}!`).join('\n')}\n`;
    const path = file('math.csv', csv);
    const source = { path, name: 'maths', licence: 'MIT', terms: 'openai', domain: 'math' } as const;
    const { rows, bySource, progress } = await run([source]);
    expect(rows[8]).toMatchObject({
      question: '8?',
      answer: '8!',
      source: 'maths',
      licence: 'MIT',
      terms: 'openai',
      domain: 'math',
    });
    expect(bySource).toMatchObject([{ shape: 'metamath', licence: 'MIT', terms: 'openai', commit: null }]);
    expect(progress.at(-1)).toMatchObject({ done: csv.length, total: csv.length, unit: 'bytes' });
  });

  it('warns of a source that gives no rows', async () => {
    const { warnings, rows } = await run([
      { path: file('empty.jsonl', '') },
      { path: file('long.jsonl', lines(records)), maxCharacters: 2 },
    ]);
    expect(rows).toEqual([]);
    expect(warnings).toEqual([
      'empty.jsonl gives no rows: it has no records.',
      'long.jsonl gives no rows: all 300 records were rejected (300 too-long); rejected.jsonl lists them.',
    ]);
  });

  it('warns of rejected records by source, with counts and reasons', async () => {
    const other = Array.from({ length: 3 }, () => ({ another: 'form' }));
    const empty = Array.from({ length: 2 }, () => ({ instruction: 'a', output: '' }));
    const path = file('some.jsonl', lines([...records.slice(0, 7), ...empty, ...other]));
    const { warnings } = await run([{ path }, { path: file('count.jsonl', lines(records)) }]);
    expect(warnings).toEqual([
      'some.jsonl: read 12, taken 7, rejected 5 (3 other-format, 2 no-answer): rejected.jsonl lists them with line and reason',
    ]);
  });

  it('names the roles that it does not know, and reads them once `roles` says what they are', async () => {
    const chats = ['ipython', 'bot', 'bot'].map((role) => ({
      messages: [
        { role: 'user', content: 'Roll a die.' },
        { role, content: '4' },
        { role: 'assistant', content: 'Four' },
      ],
    }));
    const path = file('roles.jsonl', lines(chats));
    const { warnings, rejected } = await run([{ path }]);
    expect(rejected.map(({ code }) => code)).toEqual(['unknown-role', 'unknown-role', 'unknown-role']);
    expect(warnings).toEqual([
      'roles.jsonl gives no rows: all 3 records were rejected (3 unknown-role); rejected.jsonl lists them. ' +
        'To read the role "ipython", set `roles: { ipython: tool }` on the source or `--set import.roles.ipython=tool` (or system, user, assistant). ' +
        'To read the role "bot", set `roles: { bot: tool }` on the source or `--set import.roles.bot=tool` (or system, user, assistant).',
    ]);
    const read = await run([{ path, roles: { bot: 'assistant' } }], { roles: { ipython: 'tool', bot: 'tool' } });
    expect(read.rows).toMatchObject([{ steps: [{ role: 'tool' }], answer: 'Four' }, { answer: '4\nFour' }, {}]);
    expect(read.warnings).toEqual([]);
  });

  it('marks the earlier answers of a chat as context with `turns: last`', async () => {
    const messages = ['a', 'b', 'c', 'd'].map((content, at) => ({
      role: at % 2 === 0 ? 'user' : 'assistant',
      content,
    }));
    const path = file('turns.jsonl', lines([{ messages }]));
    expect((await run([{ path }])).rows[0]?.history[1]).toEqual({ role: 'assistant', content: 'b' });
    expect((await run([{ path }], { turns: 'last' })).rows[0]?.history[1]).toEqual({
      role: 'assistant',
      content: 'b',
      train: false,
    });
  });

  it('rejects a row that is too long for later stages, whichever field makes it long', async () => {
    const long = 'x'.repeat(20e6);
    const column = (name: string, data: string[]) => ({ name, data, type: 'STRING' as const });
    const columnData = [
      column('instruction', ['a', 'b', 'c']),
      column('output', ['A', 'B', 'C']),
      column('system', ['', long, 'Be brief.']),
    ];
    const parquet = file('long-system.parquet', new Uint8Array(parquetWriteBuffer({ columnData })));
    for (const take of [null, 3]) {
      const { rows, rejected } = await run([{ path: parquet, take }]);
      expect(rows.map(({ question }) => question)).toEqual(['a', 'c']);
      expect(rejected).toMatchObject([{ number: 2, code: 'too-long', start: expect.stringMatching(/^.{200}$/) }]);
    }

    const own = {
      question_id: 'q',
      domain: null,
      difficulty: null,
      teacher: null,
      source: 's',
      question: 'a',
      answer: 'b',
    };
    const rowsOf = (mebibytes: number) => [
      { ...own, reasoning: 'x'.repeat(mebibytes * 2 ** 20) },
      {
        ...own,
        question_id: 'p',
        reasoning: null,
        history: [{ role: 'user', content: 'é'.repeat(mebibytes * 2 ** 19) }],
      },
    ];
    const path = file('long-rows.jsonl', lines([...rowsOf(7), ...rowsOf(9)]));
    const { rows, rejected } = await run([{ path }]);
    expect(rows).toHaveLength(2);
    expect(rejected.map(({ number, code }) => [number, code])).toEqual([
      [3, 'too-long'],
      [4, 'too-long'],
    ]);
  });

  it('rejects a row that is nested too deep, shows its beginning and reads on', async () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const text = [
      ...records.slice(0, 3).map((record) => JSON.stringify(record)),
      `{"instruction":"a","output":"b","x":${deep(100_000)}}`,
      `{"instruction":"c","output":"d","x":${deep(99)}}`,
      deep(100_000),
      `{"instruction":"e","output":"f","x":${deep(100)}}`,
    ].join('\n');
    const { rejected, rows } = await run([{ path: file('deep.jsonl', text) }]);
    expect(rejected.map(({ number, code }) => [number, code])).toEqual([
      [4, 'too-deep'],
      [6, 'too-deep'],
      [7, 'too-deep'],
    ]);
    expect(rejected[0]?.start).toMatch(/^\{"instruction":"a","output":"b","x":\[\[/);
    expect(rows).toHaveLength(4);
  });

  it('rejects a tool call whose arguments are nested too deep, and reads on', async () => {
    const call = { name: 'f', arguments: `${'['.repeat(100_000)}${']'.repeat(100_000)}` };
    const turns = [
      { role: 'user', content: 'a' },
      { role: 'assistant', tool_calls: [{ function: call }] },
    ];
    const good = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    const { rejected, rows } = await run([
      { path: file('calls.jsonl', lines([{ messages: good }, { messages: turns }])) },
    ]);
    expect(rejected.map(({ code }) => code)).toEqual(['too-long']);
    expect(rows).toHaveLength(1);
  });

  it('writes no artifact if a file changes while it is read', async () => {
    const many = lines(Array.from({ length: 20_000 }, (_, row) => records[row % 300]));
    const path = file('changing.jsonl', many);
    let changed = false;
    const onProgress = () => {
      if (!changed) writeFileSync(path, many.replaceAll('Count', 'Doubt'));
      changed = true;
    };
    await expect(run([{ path }], { onProgress })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    const packed = file('changing.jsonl.gz', gzipSync(Buffer.from(many.repeat(30)), { level: 0 }));
    let damaged = false;
    const damage = () => {
      if (!damaged) writeFileSync(packed, Buffer.alloc(many.length * 30, 'x'));
      damaged = true;
    };
    await expect(run([{ path: packed }], { onProgress: damage })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    appendFileSync(path, '\n');
    expect((await run([{ path }])).rows).toHaveLength(20_000);
  });

  it('distinguishes files with the same name by their folders if no name is given', async () => {
    const at = (name: string, from: number) => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      return file(name, lines(records.slice(from, from + 1)));
    };
    const [a, b, c] = [at('x/a/good.jsonl', 0), at('x/b/good.jsonl', 1), at('y/b/good.jsonl', 2)];
    const { rows } = await run([{ path: a }, { path: b }, { path: c }, { path: b }, { path: c, name: 'mine' }]);
    expect(rows.map(({ source }) => source)).toEqual([
      'good.jsonl',
      'b/good.jsonl',
      'y/b/good.jsonl',
      'b/good.jsonl',
      'mine',
    ]);
  });

  it('refuses a damaged file', async () => {
    const packed = gzipSync(lines(records));
    const path = file('cut.jsonl.gz', packed.subarray(0, packed.length - 5));
    await expect(run([{ path }])).rejects.toMatchObject({ code: 'IMPORT_CORRUPT' });
  });

  it.runIf(process.platform === 'linux')('leaves no file open when it fails', async () => {
    const path = file('cut-late.jsonl.gz', gzipSync(lines(records)).subarray(0, -5));
    await expect(run([{ path, take: 10 }])).rejects.toMatchObject({ code: 'IMPORT_CORRUPT' });
    const open = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    expect(open.filter((at) => at.startsWith(folder))).toEqual([]);
  });

  it('stops when the build is aborted', async () => {
    const path = file('long-enough.jsonl', lines(Array.from({ length: 40_000 }, (_, row) => records[row % 300])));
    const stop = new AbortController();
    stop.abort();
    await expect(run([{ path }], { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('reads one file as two sources, each with its own sample size', async () => {
    const path = file('count.jsonl', lines(records));
    const { facts } = await run([
      { path, take: 10 },
      { path, take: 20 },
    ]);
    expect(facts).toMatchObject({ rows: 30, rejected: 0 });
    expect(Object.keys(facts.bySource as object)).toEqual(['0 count.jsonl', '1 count.jsonl']);
  });
});

describe('import from the hub', () => {
  it('reads pinned Parquet files, downloaded or streamed, and records their commit', async () => {
    const server = await startHubServer();
    const parquet = (from: number) => {
      const data = Array.from({ length: 120 }, (_, row) => `What is ${from + row}?`);
      const column = (name: string) => ({ name, data, type: 'STRING' as const });
      return new Uint8Array(parquetWriteBuffer({ columnData: [column('query'), column('response')] }));
    };
    const dataset = mkdtempSync(join(folder, 'dataset-'));
    mkdirSync(join(dataset, 'data'));
    writeFileSync(join(dataset, 'data/train-00000-of-00002.parquet'), parquet(0));
    writeFileSync(join(dataset, 'data/train-00001-of-00002.parquet'), parquet(1000));
    writeFileSync(join(dataset, 'data/test-00000-of-00001.parquet'), parquet(2000));
    const commit = server.publish('owner/maths', dataset);
    vi.stubEnv('HF_ENDPOINT', server.endpoint);
    vi.stubEnv('HF_HOME', join(folder, 'hf'));
    vi.stubEnv('HF_HUB_CACHE', '');
    vi.stubEnv('HF_TOKEN', '');

    const pins = join(folder, 'pins.json');
    const { signal } = new AbortController();
    const given = ImportOptions.parse({ sources: [{ hub: 'owner/maths' }, { hub: 'owner/maths', stream: true }] });
    const { sources, sizes } = await resolveSources(given, { pins, signal });
    const size = parquet(0).length + parquet(1000).length;
    expect(sizes).toEqual({ 0: { bytes: size, downloadBytes: size }, 1: { bytes: size, downloadBytes: 0 } });
    expect(sources).toMatchObject([
      {
        hub: 'owner/maths',
        revision: commit,
        files: ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'],
      },
      { stream: true },
    ]);
    const { bySource, rows, progress } = await run(sources);
    expect(bySource).toMatchObject([
      { shape: 'metamath', read: 240, taken: 240, commit },
      { shape: 'metamath', read: 240, taken: 240, commit },
    ]);
    expect(rows[120]).toMatchObject({
      question_id: 'import_0_2_000001',
      question: 'What is 1000?',
      source: 'owner/maths',
    });
    expect(readFileSync(join(folder, 'hf/hub/datasets--owner--maths/refs/main'), 'utf8')).toBe(commit);
    const downloading = progress.filter(({ note }) => note?.startsWith('downloading'));
    expect(new Set(downloading.map(({ note }) => note))).toEqual(
      new Set([0, 1].map((at) => `downloading data/train-0000${at}-of-00002.parquet of owner/maths`)),
    );
    expect(downloading.at(-1)).toMatchObject({ done: downloading.at(-1)?.total, unit: 'bytes' });

    // The first file is in the cache, so no request is needed without a network.
    await server.close();
    const again = await resolveSources(given, { pins, signal });
    expect(again.sources).toEqual(sources);
    expect(again.sizes[0]).toEqual({ bytes: size, downloadBytes: 0 });
    expect((await run(sources.slice(0, 1))).rows).toHaveLength(240);
  });

  it('refuses a dataset without a matching file before anything starts', async () => {
    const server = await startHubServer();
    const dataset = mkdtempSync(join(folder, 'dataset-'));
    writeFileSync(join(dataset, 'README.md'), '# none');
    server.publish('owner/none', dataset);
    const settings = await readHubSettings({ HF_ENDPOINT: server.endpoint, HF_HOME: join(folder, 'hf-none') });
    const hub = async () => createHub(settings);
    const options = ImportOptions.parse({ sources: [{ hub: 'owner/none' }] });
    const resolve = { pins: join(folder, 'pins-none.json'), signal: new AbortController().signal, hub };
    await expect(resolveSources(options, resolve)).rejects.toMatchObject({
      code: 'HUB_FILES_NONE',
      message: expect.stringContaining('is data of a train split. It has README.md.'),
    });
    await server.close();
  });

  it('refuses file names that are invalid on this machine before anything is downloaded', async () => {
    const path = 'data/train\n.jsonl';
    const seen: string[] = [];
    const server = await serve((request, response) => {
      seen.push(request.url ?? '');
      response.end(JSON.stringify([{ type: 'file', path, size: 1, oid: 'a' }]));
    });
    const settings = await readHubSettings({ HF_ENDPOINT: server.url, HF_HOME: join(folder, 'hf-names') });
    const hub = async () => createHub(settings);
    const options = ImportOptions.parse({ sources: [{ hub: 'owner/names', revision: 'c'.repeat(40) }] });
    const resolving = resolveSources(options, {
      pins: join(folder, 'pins-names.json'),
      signal: new AbortController().signal,
      hub,
    });
    await expect(resolving).rejects.toMatchObject({
      code: 'HUB_FILE_NAME',
      message: expect.stringContaining('"data/train\\u{a}.jsonl"'),
    });
    expect(seen).toHaveLength(1);
    await server.close();
  });

  it('refuses a branch that was not pinned to a commit', async () => {
    await expect(run([{ hub: 'owner/maths' }])).rejects.toThrow('was not resolved to a commit');
  });
});
