import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel, type Model } from '../binding/model.ts';
import { chatTokens } from '../chat/chat-tokens.ts';
import { templateBeginning } from '../chat/template-beginning.ts';
import { completeList } from '../scheduling/complete-list.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { scheduledAnswers } from '../testing/scheduled-answers.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora, stories260k } from '../testing/stories260k.ts';
import type { Inspection } from '../types/answers.ts';
import { type ModelHost, openModel } from './model-host.ts';

const TEMPLATE =
  "{{ bos_token }}{% if messages[0].role != 'system' %}Once upon a time, there was a kind helper who knew many things.\n{% endif %}" +
  '{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant:';
const SMOLLM2 = join(import.meta.dirname, '../../../../.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf');

const files = await storiesFolder();
afterAll(() => files.remove());
const stories = await files.write(
  'chat.gguf',
  stories260k({ metadata: { 'tokenizer.chat_template': { text: TEMPLATE } } }),
);
/** Name, file, and of how many of the prompts. */
const MODELS: [name: string, path: string, prompts: number][] = [['stories260K', stories, 14]];
if (existsSync(SMOLLM2)) MODELS.push(['SmolLM2', SMOLLM2, 4]);

const QUESTIONS = [
  'What is 17 plus 25?',
  'Write a Python function f_cup(xs) that returns the items of xs greater than 4.',
  'Lily went to the park with her dog. Where did Lily go?',
  '\nA message that begins with a line break.',
  'no',
];

/** Prompts that begin as the template does, and others: with a system message, plain text, the beginning alone and a little more. */
async function promptsFor(host: ModelHost): Promise<number[][]> {
  const chats = await Promise.all(QUESTIONS.map((content) => chatTokens(host, [{ role: 'user', content }])));
  const [first] = chats as [number[]];
  const system = await chatTokens(host, [
    { role: 'system', content: 'Answer in one word.' },
    { role: 'user', content: 'Which animal says moo?' },
  ]);
  const plain = await host.tokenize('The dog ran to the big red house and');
  return [...chats, system, plain, ...[1, 2, 23, 24, 25, 26, 27].map((length) => first.slice(0, length))];
}

const open = (modelPath: string) => openModel({ modelPath, sequences: 2, threads: 1, contextTokens: 256 });

async function answer(host: ModelHost, prompt: readonly number[]): Promise<void> {
  for await (const _ of host.generate({ prompt, maxTokens: 3 }));
}

describe.each(MODELS)('what is measured of a prompt (%s)', (_, modelPath, count) => {
  it('has the same bits whatever was read before it and is read beside it', async () => {
    const host = await open(modelPath);
    const prompts = (await promptsFor(host)).slice(0, count);
    const measured = await host.inspect(prompts);
    expect((await host.inspect(prompts.toReversed(), 'bob')).toReversed()).toEqual(measured);
    const beside = await Promise.all(
      prompts.map(async (prompt): Promise<Inspection> => {
        const [[inspection]] = await Promise.all([host.inspect([prompt], 'anna'), answer(host, prompt)]);
        return inspection as Inspection;
      }),
    );
    expect(beside).toEqual(measured);
    const list = host.completeAll(prompts.slice(0, 2).map((prompt) => ({ prompt, maxTokens: 4 })));
    expect(await host.inspect(prompts.slice(0, 4))).toEqual(measured.slice(0, 4));
    await list;
    await host.close();

    for (const at of [1, count - 1]) {
      const fresh = await open(modelPath);
      expect(await fresh.inspect([prompts[at] as number[]])).toEqual([measured[at]]);
      await fresh.close();
    }
  });
});

it('what is measured of a cut prompt is what a whole one gives, but for rounding', async () => {
  const { cut, whole, prompts } = await inProcess(stories);
  for (const prompt of prompts) {
    const [one, other] = [cut.inspect(prompt), whole.inspect(prompt)];
    expect(one.perplexity / other.perplexity).toBeCloseTo(1, 3);
    for (const values of ['mean', 'last'] as const) {
      expect(Math.max(...one[values].map((value, at) => Math.abs(value - other[values][at]!)))).toBeLessThan(0.01);
    }
  }
});

it('the beginning of a chat is read once, and so is a prompt that comes again with the same salt', async () => {
  const { cut, passes, prompts, beginning } = await inProcess(stories);
  const [one, other] = prompts as [number[], number[]];
  const [first, , second] = [one, other, one].map((prompt) => cut.inspect(prompt));
  const rest = (prompt: readonly number[]) => prompt.length - beginning.length;
  expect(beginning.length).toBeGreaterThan(20);
  expect(passes).toEqual([beginning.length, rest(one), rest(other)]);
  expect(second).toEqual(first);
  expect(cut.inspect(one, 'anna')).toEqual(first);
  expect(passes.slice(3)).toEqual([rest(one)]);
});

describe('answers', () => {
  const adapters = { a: randomLora(1).file, b: randomLora(2).file };

  it('share the beginning, each adapter its own and all salts together, and are what they are without', async () => {
    const paths = Object.fromEntries(
      await Promise.all(Object.entries(adapters).map(async ([name, file]) => [name, await files.write(name, file)])),
    );
    const { cut, whole, passes, prompts, beginning } = await inProcess(stories, paths);
    const requests = [null, 'a', 'b'].flatMap((adapter) =>
      prompts.map((prompt, at) => ({ prompt, adapter, maxTokens: 6, cacheSalt: `user ${at}` })),
    );
    for (const request of requests) {
      const [[shared], [alone]] = [await scheduledAnswers(cut, [request]), await scheduledAnswers(whole, [request])];
      expect(shared!.ids).toEqual(alone!.ids);
      expect(shared!.cachedTokens).toBe(beginning.length);
    }
    expect(passes.filter((tokens) => tokens === beginning.length)).toHaveLength(3);
  });

  it('of another strength read it themselves, and so does a list', async () => {
    const path = await files.write('a', adapters.a);
    const { cut, prompts } = await inProcess(stories, { a: path });
    const [prompt] = prompts as [number[]];
    const weak = { prompt, adapter: 'a', adapterScale: 0.5, maxTokens: 2 };
    const [answer] = await scheduledAnswers(cut, [weak]);
    expect(answer!.cachedTokens).toBe(0);
    const list = completeList(cut, 1, [{ prompt, maxTokens: 2 }], false, () => undefined);
    while (!cut.idle) cut.step();
    expect((await list)[0]!.cachedTokens).toBe(0);
  });
});

/** Schedulers that cut prompts and that do not, over one model; `passes` counts the tokens of each pass. */
async function inProcess(modelPath: string, adapters: Record<string, string> = {}) {
  const model = await loadModel({ modelPath, adapters, threads: 1, sequences: 2, contextTokens: 256, mixing: false });
  const passes: number[] = [];
  const counted = Object.create(model, {
    decode: {
      value: (...[entries, hidden]: Parameters<Model['decode']>) => {
        passes.push(entries.length);
        model.decode(entries, hidden);
      },
    },
  }) as Model;
  const tokenize = (text: string) => model.vocabulary.tokenize(text, true, false);
  const beginning = templateBeginning(model.info, tokenize);
  const off = { used: false, reason: 'off' };
  const host = { info: model.info, tokenize: async (text: string) => tokenize(text) };
  const prompts = await Promise.all(
    QUESTIONS.slice(0, 2).map((content) => chatTokens(host, [{ role: 'user', content }])),
  );
  return {
    cut: new Scheduler(counted, 2, off, off, { beginning }),
    whole: new Scheduler(model, 2, off, off),
    ...{ passes, prompts, beginning },
  };
}
