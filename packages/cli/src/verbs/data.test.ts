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
    [['explain', 'r1', '--out', 'x'], 'cogumi data explain takes no --out.'],
    [['explain', 'r1', '--set', 'a=b'], 'cogumi data explain takes no --set.'],
    [['explain', 'r1', '--port', '1'], 'cogumi data explain takes no --port.'],
    [['look', '--out', 'x'], 'cogumi data look takes no --out.'],
    [['import', 'rows.jsonl', '--model', 'm'], 'cogumi data import takes no --model.'],
    [['clean', '--port', '1'], 'cogumi data has no "clean".'],
    [['explain'], 'cogumi data explain needs the id of a row.'],
  ])('%j is refused', async (args, message) => {
    await expect(data(...args)).rejects.toMatchObject({ code: 'USAGE', message });
  });

  it('shows as tokens what training leaves out at the length that the run gave it', async () => {
    const [file, store] = [join(folder, 'rows.jsonl'), join(folder, 'store')];
    writeFileSync(file, JSON.stringify({ instruction: 'Who are you?', output: 'A small model.' }));
    const said: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
    await data('import', file, '--store', store, '--set', 'train.maxRowTokens=5', '--json');
    said.length = 0;
    const looked = data('look', '--store', store, '--model', SEEDLING, '--json');
    const { url } = JSON.parse(await vi.waitUntil(() => said[0], { timeout: 20_000 }));
    const tokens = () => fetch(`${url}api/tokens?set=0&file=rows.jsonl&line=0`).then((reply) => reply.json());
    // Lines may still be counted.
    await expect
      .poll(tokens, { timeout: 20_000 })
      .toMatchObject({ reason: expect.stringContaining('training takes 5 ') });
    stop.abort();
    await looked;
  });
});
