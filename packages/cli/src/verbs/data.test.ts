import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parseCall } from '../parse-call.ts';
import { verb } from './data.ts';

const SEEDLING = join(import.meta.dirname, '../../../../models/seedling');
const folder = mkdtempSync(join(tmpdir(), 'cogumi-data-'));
const stop = new AbortController();
afterAll(() => {
  stop.abort();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const data = async (...args: string[]) => {
  const { help, ...call } = parseCall('data', verb, args);
  return verb.run({ ...call, signal: stop.signal });
};

describe('cogumi data', () => {
  it.each([
    [['explain', 'r1', '--out', 'x'], 'data explain has no option --out.'],
    [['explain', 'r1', '--set', 'a=b'], 'data explain has no option --set.'],
    [['explain', 'r1', '--port', '1'], 'data explain has no option --port.'],
    [['look', '--out', 'x'], 'data look has no option --out.'],
    [['import', 'rows.jsonl', '--model', 'm'], 'data import has no option --model.'],
    [['clean', '--port', '1'], 'The verb data has no action "clean".'],
    [['score', 'rows.jsonl'], 'No teacher scores the rows.'],
    [['explain'], 'data explain needs the id of a row.'],
    [['look', '--format', 'alpaca'], 'data look has no option --format.'],
    [['verify', 'a.jsonl', '--out', 'x', '--format', 'json'], 'There is no format "json".'],
    [['verify', 'a.jsonl', '--format', 'alpaca'], '--format says how --out writes, and there is no --out.'],
    [['verify', 'a.jsonl', '--out', 'x', '--parquet'], 'The form rows is written as JSON Lines only.'],
    [['verify', 'a.jsonl', '--out', 'x', '--validation-share', '1'], '--validation-share 1 is no share of the rows.'],
    [
      ['verify', 'a.jsonl', '--out', 'x', '--validation-share', 'half'],
      '--validation-share half is no share of the rows.',
    ],
  ])('%j is refused', async (args, message) => {
    await expect(data(...args)).rejects.toMatchObject({ code: 'USAGE', message });
  });

  it('verify tells what became of the rows, and hands them over with every rejected row and a card', async () => {
    const rivers = ['Ebro', 'Loire', 'Rhine', 'Danube', 'Volga', 'Tagus'];
    const rows = rivers.map((river, at) => ({
      instruction: `Write a sentence about the river ${river}, number ${at}.`,
      output: `The river ${river} flows through more than one country, says jo${at}@${river.toLowerCase()}.org.`,
    }));
    const long = { instruction: 'Write a long text.', output: 'It flows and flows. '.repeat(100) };
    const file = join(folder, 'rivers.jsonl');
    const lines = [...rows, rows[0], long, { instruction: 'Name a river.', output: null }];
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const printed: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    const [out, store] = [join(folder, 'out'), join(folder, 'verify-store')];
    const args = ['verify', file, '--store', store, '--format', 'messages', '--validation-share', '0.3'];
    expect(await data(...args, '--out', out)).toBe(0);
    const text = printed.join('\n').split('\n');
    expect(text.at(-1)).toBe(
      '6 of 9 rows came out. 3 went: import 1 too-long, 1 no-answer; dedup 1 exact. 6 rows were changed by redaction: 6 email.',
    );
    expect(text.at(-2)).toContain('`--max-characters 4000` keeps those of up to 4,000.');
    expect(readdirSync(out).sort()).toEqual([
      'README.md',
      'dataset_info.json',
      'redactions.jsonl',
      'rejected.jsonl',
      'train.jsonl',
      'validation.jsonl',
    ]);
    const read = (name: string) =>
      readFileSync(join(out, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    expect([read('train.jsonl').length, read('validation.jsonl').length]).toEqual([4, 2]);
    expect(read('rejected.jsonl').map(({ stage, code, reason }) => [stage, code ?? reason])).toEqual([
      ['import', 'too-long'],
      ['import', 'no-answer'],
      ['dedup', 'exact'],
    ]);

    await expect(data(...args, '--out', out)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('already exists'),
    });
    printed.length = 0;
    await data(...args, '--out', join(folder, 'long'), '--max-characters', '4000', '--json');
    expect(JSON.parse(printed.at(-1) as string)).toMatchObject({
      event: 'data',
      read: 9,
      rows: 7,
      rejected: { import: { 'no-answer': 1 } },
    });
    log.mockRestore();
    vi.restoreAllMocks();
    expect(existsSync(join(folder, 'long/train.jsonl'))).toBe(true);
  });

  it('marks rows in the token view that are longer than the run trains', async () => {
    const [file, store] = [join(folder, 'rows.jsonl'), join(folder, 'store')];
    writeFileSync(file, JSON.stringify({ instruction: 'Who are you?', output: 'A small model.' }));
    const output: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void output.push(line));
    await data('import', file, '--store', store, '--set', 'train.maxRowTokens=5', '--json');
    output.length = 0;
    const viewer = data('look', '--store', store, '--model', SEEDLING, '--json');
    const { url } = JSON.parse(await vi.waitUntil(() => output[0], { timeout: 120_000 }));
    const tokens = () => fetch(`${url}api/tokens?set=0&file=rows.jsonl&line=0`).then((reply) => reply.json());
    // The viewer may still be indexing the file.
    await expect.poll(tokens).toMatchObject({ reason: expect.stringContaining('training takes 5 ') });
    stop.abort();
    await viewer;
  });
});
