import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
    [['explain', 'r1', '--out', 'x'], 'cogumi data explain has no option --out.'],
    [['explain', 'r1', '--set', 'a=b'], 'cogumi data explain has no option --set.'],
    [['explain', 'r1', '--port', '1'], 'cogumi data explain has no option --port.'],
    [['look', '--out', 'x'], 'cogumi data look has no option --out.'],
    [['import', 'rows.jsonl', '--model', 'm'], 'cogumi data import has no option --model.'],
    [['clean', '--port', '1'], 'There is no "cogumi data clean".'],
    [['explain'], 'cogumi data explain needs the id of a row.'],
  ])('%j is refused', async (args, message) => {
    await expect(data(...args)).rejects.toMatchObject({ code: 'USAGE', message });
  });

  it('marks rows in the token view that are longer than the run trains', async () => {
    const [file, store] = [join(folder, 'rows.jsonl'), join(folder, 'store')];
    writeFileSync(file, JSON.stringify({ instruction: 'Who are you?', output: 'A small model.' }));
    const output: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void output.push(line));
    await data('import', file, '--store', store, '--set', 'train.maxRowTokens=5', '--json');
    output.length = 0;
    const viewer = data('look', '--store', store, '--model', SEEDLING, '--json');
    const { url } = JSON.parse(await vi.waitUntil(() => output[0], { timeout: 20_000 }));
    const tokens = () => fetch(`${url}api/tokens?set=0&file=rows.jsonl&line=0`).then((reply) => reply.json());
    // The viewer may still be indexing the file.
    await expect
      .poll(tokens, { timeout: 20_000 })
      .toMatchObject({ reason: expect.stringContaining('training takes 5 ') });
    stop.abort();
    await viewer;
  });
});
