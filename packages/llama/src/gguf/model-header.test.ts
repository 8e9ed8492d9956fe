import { rename, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../process/model-host.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { storiesParts } from '../testing/stories260k.ts';
import { readModelHeader } from './model-header.ts';

let files: Awaited<ReturnType<typeof storiesFolder>>;
let parts: string[];
beforeAll(async () => {
  files = await storiesFolder();
  const written = storiesParts(3).map((bytes, at) => files.write(`stories-0000${at + 1}-of-00003.gguf`, bytes));
  parts = await Promise.all(written);
});
afterAll(() => files.remove());

describe('a model in several files', () => {
  it('has the header of the same model in one file, and answers as it does', async () => {
    const whole = await readModelHeader(files.modelPath);
    const split = await readModelHeader(parts[0] as string);
    expect(split.parts).toEqual(parts);
    expect(whole.parts).toEqual([files.modelPath]);
    const described = ({ tensors }: typeof whole) => tensors.map(({ name, shape, bytes }) => [name, shape, bytes]);
    expect(described(split)).toEqual(described(whole));
    const answers = [];
    for (const modelPath of [files.modelPath, parts[0] as string]) {
      let weights = 0;
      const host = await openModel({
        modelPath,
        threads: 1,
        fit: async (needOf) => {
          weights = (await needOf(1)).weights;
          return { sequences: 1 };
        },
      });
      const [answer] = await host.completeAll([{ prompt: [1, 403], maxTokens: 20 }]);
      answers.push({ ids: answer?.ids, weights });
      await host.close();
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  it('is refused with the file that is missing, of another place, or not the first', async () => {
    const [first, second, third] = parts as [string, string, string];
    await expect(readModelHeader(second)).rejects.toMatchObject({
      code: 'GGUF_INVALID',
      hint: `Name the first: ${first}`,
    });
    await rename(third, `${third}.away`);
    await expect(openModel({ modelPath: first })).rejects.toMatchObject({
      code: 'GGUF_INVALID',
      message: `${first} is one of 3 files of a model: ${third} is missing.`,
    });
    await writeFile(third, storiesParts(3)[1] as Buffer);
    await expect(readModelHeader(first)).rejects.toThrow(`${third} says that it is number 2 of 3`);
    await writeFile(third, storiesParts(4)[2] as Buffer);
    await expect(readModelHeader(first)).rejects.toThrow(`${third} says that it is number 3 of 4`);
    await rm(third);
    await rename(`${third}.away`, third);
    const renamed = await files.write('renamed.gguf', storiesParts(3)[0] as Buffer);
    await expect(readModelHeader(renamed)).rejects.toThrow('its name does not say which');
  });
});
