import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chatTokens, openModel } from '@cogumi/llama';
import { afterAll, expect, it } from 'vitest';
import { openSample } from '../testing/open-sample.ts';
import { tinyModel } from '../testing/tiny-model.ts';

const { folder, runtime } = await openSample();
const modelPath = join(folder, 'base.gguf');
await writeFile(modelPath, await tinyModel());
const host = await openModel({ modelPath, sequences: 1, threads: 1, contextTokens: 256 });
afterAll(async () => {
  await runtime.close();
  await host.close();
  await rm(folder, { recursive: true });
});

it('a server measures of a question, bit by bit, what the router was trained on, whatever it answers besides', async () => {
  const questions = ['What is 17 plus 25?', 'Write f(x).', 'Where is the <s>dog</s>?', 'no'];
  const ask = (content: string, route: string | null) =>
    runtime.answer({ messages: [{ role: 'user', content }], route, maxTokens: 8 });
  // The order in which the stage `route` reads.
  const tokens = await Promise.all(questions.map((content) => chatTokens(host, [{ role: 'user', content }])));
  const learned = await host.inspect(tokens);
  const served: (number | null)[] = [];
  for (const content of questions.toReversed()) {
    const [{ decision, pieces }] = await Promise.all([
      ask(content, null),
      ask('Something else.', 'code').then(async ({ pieces: others }) => {
        for await (const _ of others);
      }),
    ]);
    for await (const _ of pieces);
    served.unshift(decision.perplexity);
  }
  expect(served).toEqual(learned.map(({ perplexity }) => perplexity));
  expect(new Set(served).size).toBe(questions.length);
});
