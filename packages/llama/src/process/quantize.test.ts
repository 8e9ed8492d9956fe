import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { stories260k } from '../testing/stories260k.ts';
import { openModel } from './model-host.ts';
import { quantize } from './quantize.ts';

let folder = '';
let input = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantize-'));
  input = join(folder, 'model.gguf');
  await writeFile(input, stories260k());
});
afterAll(() => rm(folder, { recursive: true }));

describe('quantize', () => {
  it('writes equal bytes with any number of threads, and a model that still generates the story', async () => {
    const [one, two] = [join(folder, 'one.gguf'), join(folder, 'two.gguf')];
    await quantize({ input, output: one, type: 'Q8_0', threads: 1 });
    await quantize({ input, output: two, type: 'Q8_0', threads: 2 });
    expect(await readFile(one)).toEqual(await readFile(two));
    const { tensors } = await readGgufHeader(one);
    expect(tensors.find(({ name }) => name === 'blk.0.attn_q.weight')?.type).toBe(8);

    const host = await openModel({ modelPath: one, sequences: 1 });
    const [story] = await host.completeAll([{ prompt: [1], maxTokens: 10 }]);
    await host.close();
    expect(story?.text).toMatch(/^Once upon a time, there was/);
  });

  it('leaves no file behind when it is refused', async () => {
    const output = join(folder, 'never.gguf');
    const before = await readdir(folder);
    const broken = join(folder, 'model.gguf.truncated');
    await writeFile(broken, (await readFile(input)).subarray(0, 100_000));
    await expect(quantize({ input: broken, output, type: 'Q4_0', threads: 1 })).rejects.toMatchObject({
      code: 'GGUF_INVALID',
    });
    await rm(broken);
    const small = join(folder, 'one.gguf');
    await expect(quantize({ input: small, output, type: 'Q4_0', threads: 1 })).rejects.toMatchObject({
      code: 'QUANTIZE',
      message: expect.stringContaining('requantizing'),
    });
    await expect(
      quantize({ input, output: join(folder, 'none', 'x.gguf'), type: 'Q4_0', threads: 1 }),
    ).rejects.toMatchObject({ code: 'QUANTIZE' });
    expect(await readdir(folder)).toEqual(before);
  });

  it.runIf(process.platform === 'linux')('fails with the system error when the disk is full', async () => {
    const output = join(folder, 'full.gguf');
    // What llama.cpp writes goes to a device on which every write finds the disk full.
    await symlink('/dev/full', `${output}.${process.pid}.tmp`);
    await expect(quantize({ input, output, type: 'Q8_0', threads: 1 })).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});
