import { afterAll, beforeAll, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import { type ModelHost, openModel } from './model-host.ts';

let files: Awaited<ReturnType<typeof storiesFolder>>;
let host: ModelHost;
beforeAll(async () => {
  files = await storiesFolder();
  const adapters = { a: await files.write('a.gguf', randomLora(1).file) };
  host = await openModel({ modelPath: files.modelPath, adapters, sequences: 2, threads: 1 });
});
afterAll(async () => {
  await host.close();
  await files.remove();
});

const STORY = 'Once upon a time, there was a little girl named Lily. She loved to play outside in the park. ';
const list = async (
  adapters: readonly (string | null)[],
  ends: readonly string[] = [' One day', ' Her mom', 'The'],
) => {
  const beginning = await host.tokenize(STORY, { addBos: true });
  const prompts = await Promise.all(ends.map(async (end) => [...beginning, ...(await host.tokenize(end))]));
  return prompts.map((prompt, at) => ({
    ...{ prompt, maxTokens: 8, logprobs: true, adapter: adapters[at % adapters.length] ?? null },
  }));
};

it('is read once, and answers are those of prompts that are read as a whole', async () => {
  for (const adapters of [[null], ['a'], [null, 'a']]) {
    const requests = await list(adapters);
    const whole = await host.completeAll(requests);
    const shared = await host.completeAll(requests, { shared: true });
    expect(shared.map(({ ids }) => ids)).toEqual(whole.map(({ ids }) => ids));
    for (const [at, { logprobs }] of shared.entries()) {
      for (const [token, value] of logprobs.entries()) expect(value).toBeCloseTo(whole[at]?.logprobs[token] ?? NaN, 1);
    }
    const beginning = (await host.tokenize(STORY, { addBos: true })).length;
    for (const { cachedTokens } of shared) expect(cachedTokens).toBeGreaterThanOrEqual(beginning - 1);
    expect(whole.map(({ cachedTokens }) => cachedTokens)).toEqual([0, 0, 0]);
    expect(await host.completeAll(requests, { shared: true })).toEqual(shared);
  }
});

it('leaves nothing out where prompts have no long beginning in common, or are one', async () => {
  const [first, ...others] = await list([null]);
  const other = { ...first, prompt: await host.tokenize('The dog ran to the big red house', { addBos: true }) };
  for (const requests of [[first], [first, ...others, other]] as never[]) {
    const found = await host.completeAll(requests, { shared: true });
    expect(found).toEqual(await host.completeAll(requests));
    expect(found.every(({ cachedTokens }) => cachedTokens === 0)).toBe(true);
  }
});

it('reads the last token of each prompt, also where all are the same', async () => {
  const requests = await list([null], ['', '', '']);
  const found = await host.completeAll(requests, { shared: true });
  const length = requests[0]?.prompt.length as number;
  expect(found.map(({ cachedTokens }) => cachedTokens)).toEqual([length - 1, length - 1, length - 1]);
  expect(found[2]?.ids).toEqual((await host.completeAll(requests.slice(0, 1)))[0]?.ids);
});
