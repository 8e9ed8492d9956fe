import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CogumiError } from '@cogumi/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKey } from './add-key.ts';
import { parseKeyEntries } from './key-entry.ts';
import { hashOf } from './key-ring.ts';
import { openKeyFile, readKeyFile } from './open-key-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

const sha256 = hashOf('a key').toString('hex');
const line = (fields: object) => JSON.stringify({ name: 'ann', sha256, ...fields });
const problem = (text: string) => {
  try {
    parseKeyEntries(Buffer.from(text), 'keys.jsonl');
    return null;
  } catch (error) {
    const { code, message, hint } = error as CogumiError;
    return `${code}: ${message} ${hint}`;
  }
};

describe('a key file', () => {
  it('is refused with the line at fault', () => {
    const bob = line({ name: 'bob', sha256: 'b'.repeat(64) });
    expect(problem(`${bob}\n\n{"name": `)).toMatch(/^KEYS_INVALID: .*keys\.jsonl.* line 3 is not JSON/);
    expect(problem(line({ sha256: 'abc' }))).toMatch(/line 1: sha256: 64 lower-case hexadecimal digits/);
    expect(problem(line({ name: 'a b' }))).toMatch(/line 1: name: up to 64 letters/);
    expect(problem(line({ requestsPerMinut: 1 }))).toMatch(/"requestsPerMinut" \(did you mean "requestsPerMinute"\?\)/);
    expect(problem(line({ tokensPerDay: 0 }))).toMatch(/line 1: tokensPerDay/);
    expect(problem(line({ endpoints: ['/v1/chat/completion'] }))).toMatch(/Did you mean "\/v1\/chat\/completions"\?/);
    expect(problem(line({ models: [] }))).toMatch(/line 1: models/);
    expect(problem('[]')).toMatch(/line 1/);
    expect(problem(`${line({})}\n${line({ sha256: 'c'.repeat(64) })}`)).toMatch(/lines 1 and 2 have the name "ann"/);
    expect(problem(`${line({})}\n${line({ name: 'bob' })}`)).toMatch(/lines 1 and 2 have the same key/);
    expect(problem(`{"name":"ann","name":"bob","sha256":"${sha256}"}`)).toMatch(/the key "name" twice/);
    expect(problem('\n \n')).toMatch(/it has no keys\. `cogumi key/);
    const many = Array.from({ length: 1001 }, (_, at) =>
      line({ name: `n${at}`, sha256: hashOf(`${at}`).toString('hex') }),
    );
    expect(problem(many.join('\n'))).toMatch(/more than 1000 keys/);
    expect(problem(line({ models: ['x'.repeat(30_000)] }))).toMatch(/line 1 has 30\d+ characters, at most 20000/);
    expect(problem(bob)).toBeNull();
  });

  it('never names more than its own rules allow, whatever bytes it has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseKeyEntries(bytes, 'keys.jsonl');
        } catch (error) {
          expect(error).toMatchObject({ code: 'KEYS_INVALID' });
        }
      }),
      { seed: 1 },
    );
  });

  it('is refused if others may write it, if it is no file, or too large', async () => {
    const path = join(folder, 'unsafe.jsonl');
    await writeFile(path, line({}));
    await chmod(path, 0o666);
    await expect(readKeyFile(path)).rejects.toMatchObject({
      code: 'KEYS_UNSAFE',
      message: expect.stringContaining('mode 666'),
      hint: `Type: chmod go-w ${path}`,
    });
    await expect(readKeyFile(folder)).rejects.toMatchObject({ code: 'KEYS_UNREADABLE' });
    await expect(readKeyFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'KEYS_UNREADABLE' });
    const large = join(folder, 'large.jsonl');
    await writeFile(large, '\n'.repeat(1_000_001), { mode: 0o600 });
    await expect(readKeyFile(large)).rejects.toThrow('1000001 bytes, at most 1000000');
  });

  it('gets a line for each new key, with its hash only, readable by its owner only', async () => {
    const path = join(folder, 'made.jsonl');
    await addKey(path, 'first-secret', { name: 'ann', requestsPerMinute: 5 });
    await addKey(path, 'second-secret', { name: 'bob' });
    await expect(addKey(path, 'third-secret', { name: 'ann' })).rejects.toMatchObject({
      code: 'KEY_NAME_TAKEN',
      message: expect.stringContaining('it has a key "ann" already'),
    });
    await expect(addKey(path, 'fourth-secret', { name: 'eve', endpoints: ['/v1/chat'] })).rejects.toMatchObject({
      code: 'KEY_INVALID',
      message: expect.stringMatching(/^No key was added to .*made\.jsonl: its line: there is no endpoint "\/v1\/chat"/),
    });
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain('secret');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((each) => JSON.parse(each).name),
    ).toEqual(['ann', 'bob']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('gets no line if it is no file, also none that would wait for a writer; an emptied one gets its first', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [folder, pipe]) {
      await expect(addKey(path, 'a-secret', { name: 'ann' })).rejects.toMatchObject({
        code: 'KEYS_UNREADABLE',
        message: expect.stringContaining('it is not a file'),
      });
    }
    const emptied = join(folder, 'emptied.jsonl');
    await writeFile(emptied, ' \n', { mode: 0o600 });
    await addKey(emptied, 'a-secret', { name: 'ann' });
    expect((await readKeyFile(emptied)).map(({ name }) => name)).toEqual(['ann']);
  });

  it('gets one line of a name that several add at once, and says who holds it where one was killed', async () => {
    const path = join(folder, 'raced.jsonl');
    const added = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) =>
        addKey(path, `secret-${at}`, { name: at % 2 === 0 ? 'ann' : `n${at}` }, 120_000),
      ),
    );
    const taken = added.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(taken).toEqual(Array(5).fill('KEY_NAME_TAKEN'));
    expect((await readKeyFile(path)).map(({ name }) => name).sort()).toEqual(
      ['ann', 'n1', 'n11', 'n3', 'n5', 'n7', 'n9'].sort(),
    );
    await writeFile(`${path}.lock`, '');
    await expect(addKey(path, 'late', { name: 'late' }, 100)).rejects.toMatchObject({
      code: 'KEYS_LOCKED',
      hint: expect.stringContaining(`rm ${path}.lock`),
    });
  });

  it('is read again when it changes; one that cannot be used leaves the keys before', async () => {
    const path = join(folder, 'watched.jsonl');
    await addKey(path, 'first', { name: 'ann' });
    const problems: string[] = [];
    const counts: number[] = [];
    const file = await openKeyFile(path, {
      onReload: (count) => counts.push(count),
      onProblem: ({ message }) => problems.push(message),
      onUsageProblem: () => {},
    });
    const held = (key: string) => file.keys.find(key)?.name ?? null;
    expect([held('first'), held('second'), held('')]).toEqual(['ann', null, null]);
    await addKey(path, 'second', { name: 'bob' });
    await expect.poll(() => held('second')).toBe('bob');

    await writeFile(path, '{"name": "ann", ');
    await expect.poll(() => problems.length).toBeGreaterThan(0);
    expect([held('first'), held('second')]).toEqual(['ann', 'bob']);

    // A new file in its place, as editors and `mv` leave it.
    await addKey(join(folder, 'next.jsonl'), 'second', { name: 'bob' });
    await rename(join(folder, 'next.jsonl'), path);
    await expect.poll(() => held('first')).toBeNull();
    expect(held('second')).toBe('bob');

    await rm(path);
    await file.reload();
    expect(held('second')).toBe('bob');
    expect(problems.at(-1)).toContain('ENOENT');
    await file.close();
  });

  it('takes the last key back when its line is removed, and keeps the keys of a file that is being written', async () => {
    const path = join(folder, 'last.jsonl');
    await addKey(path, 'first', { name: 'ann' });
    const counts: number[] = [];
    const file = await openKeyFile(path, {
      onReload: (count) => counts.push(count),
      onProblem: () => {},
      onUsageProblem: () => {},
    });
    const held = () => file.keys.find('first')?.name ?? null;
    const text = await readFile(path);
    await writeFile(path, '');
    const reading = file.reload();
    await writeFile(path, text);
    await reading;
    expect([held(), counts]).toEqual(['ann', [1]]);
    await writeFile(path, '\n');
    await file.reload();
    expect([held(), counts.at(-1)]).toEqual([null, 0]);
    await addKey(path, 'first', { name: 'ann' });
    await file.reload();
    expect(held()).toBe('ann');
    await file.close();
  });
});
