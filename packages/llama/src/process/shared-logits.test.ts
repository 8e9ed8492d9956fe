import { afterAll, beforeAll, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import { type ModelHost, openModel } from './model-host.ts';

let files: Awaited<ReturnType<typeof storiesFolder>>;
let host: ModelHost;
let other: ModelHost;
beforeAll(async () => {
  files = await storiesFolder();
  const adapters = { a: await files.write('a.gguf', randomLora(1).file) };
  const open = () => openModel({ modelPath: files.modelPath, adapters, sequences: 2, threads: 1 });
  [host, other] = await Promise.all([open(), open()]);
});
afterAll(async () => {
  await Promise.all([host.close(), other.close()]);
  await files.remove();
});

/** Logits of a process that has read nothing before: a list begins with an empty cache. */
async function fresh(prompt: readonly number[], options: { adapter?: string | null; from: number; shared: boolean }) {
  await other.completeAll([{ prompt: [1], maxTokens: 1 }]);
  return other.logits(prompt, options);
}

const BEGINNING = Array.from({ length: 200 }, (_, at) => (at === 0 ? 1 : 300 + ((at * 7) % 180)));
const behind = (token: number, length: number) => Array.from({ length }, (_, at) => 300 + ((token + at * 3) % 180));
const PROMPTS = [
  [...BEGINNING, ...behind(1, 60)],
  [...BEGINNING, ...behind(2, 9)],
  BEGINNING.slice(0, 150),
  [...BEGINNING.slice(0, 130), ...behind(3, 90)],
  behind(4, 20),
  [...BEGINNING, ...behind(2, 9)],
];

it('gives the same bits whatever was read before, of the base and of an adapter', async () => {
  for (const adapter of [null, 'a']) {
    for (const prompt of PROMPTS) {
      const options = { adapter, from: prompt.length - 3, shared: true };
      const found = await host.logits(prompt, options);
      expect(found).toEqual(await fresh(prompt, options));
      // Read as a whole, it is the same but for rounding of the 16-bit cache.
      const whole = await fresh(prompt, { ...options, shared: false });
      expect(Math.max(...found.map((value, at) => Math.abs(value - (whole[at] as number))))).toBeLessThan(0.05);
    }
  }
});

it('is not disturbed by requests and inspections between, nor do they find what it left', async () => {
  const [first = [], second = []] = PROMPTS;
  const options = { from: second.length - 1, shared: true };
  const expected = await fresh(second, options);
  for (const between of [
    async () => {
      for await (const piece of host.generate({ prompt: first, maxTokens: 4 })) {
        if (piece.kind === 'end') expect(piece.cachedTokens).toBe(0);
      }
    },
    () => host.inspect([first]),
    () => host.completeAll([{ prompt: first, maxTokens: 4 }]),
    () => host.logits(first),
  ]) {
    await host.logits(first, { ...options, from: first.length - 1 });
    await between();
    expect(await host.logits(second, options)).toEqual(expected);
  }
});
