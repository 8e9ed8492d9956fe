import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuntime, type Runtime } from '@cogumi/runtime';
import { sampleBundle, tarOf, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Conversation } from './conversation.ts';

let folder: string;
let runtime: Runtime;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conversation-'));
  const path = join(folder, 'sample.cogumi');
  await writeFile(path, tarOf(sampleBundle({ base: await tinyModel(), adapters: { code: tinyAdapter(1) } })));
  runtime = await openRuntime(path, { cache: folder, contextTokens: 96, threads: 1, sequences: 1 });
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

const quiet = () => {};
const never = new AbortController().signal;

describe('Conversation', () => {
  it('keeps earlier turns until the context is full, then drops the oldest', async () => {
    const conversation = new Conversation(runtime, { temperature: 0, maxTokens: 8 });
    const replies = [];
    for (let turn = 0; turn < 5; turn++) replies.push(await conversation.ask('How are you today?', quiet, never));
    const prompts = replies.map(({ promptTokens }) => promptTokens);
    expect(prompts[1]).toBeGreaterThan(prompts[0]!);
    expect(prompts[2]).toBeGreaterThan(prompts[1]!);
    expect(Math.max(...prompts)).toBeLessThan(96);
    expect(replies.some(({ forgotten }) => forgotten > 0)).toBe(true);
    conversation.clear();
    expect((await conversation.ask('How are you today?', quiet, never)).promptTokens).toBe(prompts[0]);
  });

  it('refuses a single question that is too long', async () => {
    const conversation = new Conversation(runtime, { temperature: 0 });
    await expect(conversation.ask('word '.repeat(100), quiet, never)).rejects.toMatchObject({ code: 'CONTEXT_LENGTH' });
  });

  it('chooses routes by short and long names; without a router the base answers', async () => {
    const conversation = new Conversation(runtime, { temperature: 0, maxTokens: 4 });
    expect(conversation.names).toEqual(['auto', 'base', 'code']);
    expect(await conversation.ask('Hi', quiet, never)).toMatchObject({ route: 'base', reason: 'no-router' });
    for (const name of ['code', 'sample:code']) {
      conversation.choose(name);
      expect(await conversation.ask('Hi', quiet, never)).toMatchObject({ route: 'code', reason: 'chosen' });
    }
    conversation.choose('auto');
    expect(conversation.route).toBeNull();
  });

  it('keeps the text of an answer that was stopped', async () => {
    // In a context of 96 tokens the answer may be over before it is stopped.
    const path = join(folder, 'long.cogumi');
    await writeFile(path, tarOf(sampleBundle({ base: await tinyModel({ contextTokens: 32_768 }) })));
    const long = await openRuntime(path, { cache: folder, contextTokens: 32_768, threads: 1, sequences: 1 });
    const conversation = new Conversation(long, { temperature: 0 });
    const stop = new AbortController();
    let text = '';
    const reply = await conversation.ask(
      'Hi',
      (piece) => {
        text += piece;
        stop.abort();
      },
      stop.signal,
    );
    expect(reply).toMatchObject({ finishReason: 'cancelled', answer: text });
    await long.close();
  });
});
