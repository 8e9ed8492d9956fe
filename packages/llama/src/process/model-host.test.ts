import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { sharedData } from '@cogumi/pure/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora, stories260k } from '../testing/stories260k.ts';
import type { FinalPiece, GenerateRequest } from '../types/answers.ts';
import { type ModelHost, openModel } from './model-host.ts';

/** Greedy output of llama2.c's own reference implementation, from BOS. */
const STORY = 'Once upon a time, there was a little girl named Lily. She loved to play outside in the park.';
const BOS = 1;

let files: Awaited<ReturnType<typeof storiesFolder>>;
let host: ModelHost;
/** The same model with room for answers that take seconds: who hangs up, or asks beside one, finds it unfinished. */
let long: ModelHost;
const LONG_TOKENS = 16_000;
let stories: string[];

beforeAll(async () => {
  files = await storiesFolder();
  const adapters = {
    a: await files.write('a.gguf', randomLora(1).file),
    b: await files.write('b.gguf', randomLora(2).file),
    nothing: await files.write('nothing.gguf', randomLora(3, { size: 0 }).file),
  };
  host = await openModel({ modelPath: files.modelPath, adapters, sequences: 4 });
  const metadata = { 'llama.context_length': { u32: 2 ** 14 } };
  const modelPath = await files.write('long.gguf', stories260k({ metadata }));
  long = await openModel({ modelPath, adapters, sequences: 4, threads: 1 });
  const lines = gunzipSync(await readFile(sharedData('text/tinystories_a.jsonl.gz')))
    .toString('utf8')
    .split('\n');
  stories = lines.slice(0, 12).map((line) => (JSON.parse(line) as { text: string }).text);
});
afterAll(async () => {
  await Promise.all([host.close(), long.close()]);
  await files.remove();
});

async function stream(request: GenerateRequest, signal?: AbortSignal, from = host) {
  let text = '';
  const ids: number[] = [];
  const logprobs: number[] = [];
  let final: FinalPiece | null = null;
  for await (const piece of from.generate(request, signal ? { signal } : {})) {
    if (piece.kind === 'end') final = piece;
    else {
      text += piece.text;
      ids.push(...piece.ids);
      logprobs.push(...piece.logprobs);
    }
  }
  return { text, ids, logprobs, ...(final as unknown as FinalPiece) };
}

/** Beginnings of real stories, of different lengths. */
async function prompts(count: number): Promise<number[][]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const ids = await host.tokenize(stories[at % stories.length]!, { addBos: true });
      return ids.slice(0, 5 + 7 * at);
    }),
  );
}

describe('a model host with a real model', () => {
  it('reports facts about the model and its memory', async () => {
    expect(host.info).toMatchObject({
      architecture: 'llama',
      vocabularySize: 512,
      hiddenSize: 64,
      contextTokens: 512,
      trainContextTokens: 512,
      parameters: 260_032,
      chatTemplate: null,
      bosText: '<s>',
      eosText: '</s>',
      adapters: ['a', 'b', 'nothing'],
    });
    const { memoryBytes: bytes } = await host.statistics();
    expect(bytes).toBeGreaterThan(20e6);
    expect(bytes).toBeLessThan(500e6);
  });

  it('refuses options that are not positive whole numbers', async () => {
    for (const wrong of [{ sequences: 0 }, { threads: 1.5 }, { contextTokens: Number.NaN }]) {
      await expect(openModel({ modelPath: files.modelPath, ...wrong })).rejects.toMatchObject({
        code: 'MODEL_OPTIONS',
      });
    }
    const none = openModel({ modelPath: files.modelPath, sequences: 300 });
    await expect(none).rejects.toMatchObject({ code: 'CONTEXT_TOO_LARGE' });
  });

  it('tokenizes like the reference and back, also characters made of byte tokens', async () => {
    const ids = [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 426];
    const text = 'Once upon a time, there was a little girl.';
    expect(await host.tokenize(text, { addBos: true })).toEqual(ids);
    expect(await host.detokenize(ids.slice(1))).toBe(text);
    expect(await host.detokenize([1, 403], { special: true })).toBe('<s> Once');
    const strange = 'Lily saw a 🦙 in a café.\n';
    expect(await host.detokenize(await host.tokenize(strange))).toBe(strange);
    expect(await host.tokenize('<s>', { special: true })).toEqual([1]);
    expect((await host.tokenize('<s>')).length).toBeGreaterThan(1);
  });

  it('generates the same story as the reference, streamed and as a list', async () => {
    const request = { prompt: [BOS], maxTokens: 60 };
    const streamed = await stream(request);
    expect(streamed.text.startsWith(STORY)).toBe(true);
    expect(streamed).toMatchObject({ finishReason: 'length', promptTokens: 1, completionTokens: 60 });
    const [completion] = await host.completeAll([request]);
    expect(completion).toEqual({ ...streamed, kind: undefined });
    expect((await stream({ prompt: '<s>', maxTokens: 60 })).text).toBe(streamed.text);
  });

  it('measures the perplexity of the reference: 3.710 over 12 stories', async () => {
    const texts = await Promise.all(stories.map((story) => host.tokenize(story, { addBos: true })));
    const inspections = await host.inspect(texts.map((ids) => ids.slice(0, 256)));
    const predicted = inspections.reduce((sum, { tokens }) => sum + tokens - 1, 0);
    const loss = inspections.reduce((sum, { tokens, perplexity }) => sum + Math.log(perplexity) * (tokens - 1), 0);
    expect(predicted).toBe(3013);
    expect(Math.exp(loss / predicted)).toBeCloseTo(3.71, 3);
  });

  it('returns hidden states that give its logits when multiplied with the embedding matrix', async () => {
    const ids = [1, 403, 407, 261, 378];
    const logits = await host.logits(ids);
    expect(logits).toHaveLength(5 * 512);
    const [inspection] = await host.inspect([ids]);
    const rows = Array.from({ length: 5 }, (_, at) => logits.subarray(at * 512, (at + 1) * 512));
    const found: Float32Array[] = [];
    stories260k({
      change: (tensor) => {
        if (tensor.name === 'token_embd.weight') found.push(tensor.values);
        return tensor;
      },
    });
    const embeddings = found[0]!;
    const product = (hidden: Float32Array, token: number) =>
      hidden.reduce((sum, value, width) => sum + value * embeddings[token * 64 + width]!, 0);
    for (const token of [0, 432, 511]) {
      expect(product(inspection!.last, token)).toBeCloseTo(rows[4]![token]!, 3);
      // Linear, so the mean of the hidden states gives the mean of the logits.
      expect(product(inspection!.mean, token)).toBeCloseTo(rows.reduce((sum, row) => sum + row[token]!, 0) / 5, 3);
    }
    const loss = rows.slice(0, 4).reduce((sum, row, at) => {
      const whole = row.reduce((total, logit) => total + Math.exp(logit), 0);
      return sum + Math.log(whole) - row[ids[at + 1]!]!;
    }, 0);
    expect(inspection!.perplexity).toBeCloseTo(Math.exp(loss / 4), 3);
    expect((await host.inspect([[1]]))[0]).toMatchObject({ tokens: 1, perplexity: 1 });
  });

  it('reports for each token the log-probability that its logits give', async () => {
    const answer = await stream({ prompt: [1, 403], maxTokens: 6, logprobs: true });
    expect(answer.logprobs).toHaveLength(6);
    const logits = await host.logits([1, 403, ...answer.ids]);
    for (const [at, id] of answer.ids.entries()) {
      const row = logits.subarray((at + 1) * 512, (at + 2) * 512);
      const whole = row.reduce((total, logit) => total + Math.exp(logit), 0);
      expect(answer.logprobs[at]).toBeCloseTo(row[id]! - Math.log(whole), 3);
    }
    expect((await stream({ prompt: [BOS], maxTokens: 3 })).logprobs).toEqual([]);
  });

  it('stops at stop texts, which are not part of the answer, and at the end of the context', async () => {
    const stopped = await stream({ prompt: [BOS], maxTokens: 100, stop: ['Sally', ' Lily.'] });
    expect(stopped).toMatchObject({ text: 'Once upon a time, there was a little girl named', finishReason: 'stop' });
    expect(stopped.ids).toHaveLength(stopped.completionTokens);
    const long = Array.from({ length: 500 }, (_, at) => (at === 0 ? 1 : 403));
    expect(await stream({ prompt: long, maxTokens: 100 })).toMatchObject({
      finishReason: 'length',
      promptTokens: 500,
      completionTokens: 12,
    });
  });

  it('repeats a sampled answer with the same seed, and not with another', async () => {
    const sampled = (seed: number) => stream({ prompt: [BOS], maxTokens: 40, temperature: 1, topP: 0.95, seed });
    expect((await sampled(5)).ids).toEqual((await sampled(5)).ids);
    expect((await sampled(5)).ids).not.toEqual((await sampled(6)).ids);
  });

  it('refuses a wrong request with both values, and serves the next one', async () => {
    const long = Array.from({ length: 512 }, () => 1);
    await expect(stream({ prompt: long, maxTokens: 1 })).rejects.toMatchObject({
      code: 'CONTEXT_TOO_SMALL',
      promptTokens: 512,
      contextTokens: 512,
      message: expect.stringMatching(/512 tokens; the context holds 512/),
    });
    await expect(host.inspect([[1], [...long, 1]])).rejects.toMatchObject({ code: 'CONTEXT_TOO_SMALL' });
    await expect(stream({ prompt: [], maxTokens: 1 })).rejects.toMatchObject({ code: 'PROMPT_EMPTY' });
    await expect(stream({ prompt: [512], maxTokens: 1 })).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
    await expect(host.logits([-1])).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
    await expect(stream({ prompt: [1], maxTokens: 0 })).rejects.toMatchObject({ code: 'MAX_TOKENS' });
    await expect(stream({ prompt: [1], maxTokens: 1, adapter: 'c' })).rejects.toMatchObject({
      code: 'ADAPTER_UNKNOWN',
      message: 'There is no adapter "c"; loaded: a, b, nothing.',
    });
    await expect(
      host.completeAll([
        { prompt: [1], maxTokens: 1 },
        { prompt: [], maxTokens: 1 },
      ]),
    ).rejects.toMatchObject({
      code: 'PROMPT_EMPTY',
    });
    expect((await host.completeAll([{ prompt: [1], maxTokens: 2 }]))[0]?.ids).toHaveLength(2);
    expect(await host.completeAll([])).toEqual([]);
  });
});

describe('many requests', () => {
  it('give equal tokens and log-probabilities in two runs of the same list, also after and beside other requests', async () => {
    const list = (await prompts(20)).map((prompt, at) => ({
      prompt,
      maxTokens: 10 + at,
      adapter: [null, 'a', 'b'][at % 3]!,
      logprobs: true,
    }));
    const once = await host.completeAll(list);
    await stream({ prompt: [BOS], maxTokens: 77 });
    const seen: number[] = [];
    const [twice] = await Promise.all([
      host.completeAll(list, { onProgress: (done) => seen.push(done) }),
      stream({ prompt: [BOS], maxTokens: 30, adapter: 'a' }),
      host.inspect([list[3]!.prompt, list[9]!.prompt]),
    ]);
    expect(twice).toEqual(once);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  it('give the same answers in parallel as one by one', async () => {
    const list = (await prompts(8)).map((prompt) => ({ prompt, maxTokens: 40 }));
    const together = await host.completeAll(list);
    for (const [at, request] of list.entries()) expect((await stream(request)).ids).toEqual(together[at]!.ids);
  });

  it('give the same answers with different adapters in parallel as one by one', async () => {
    const requests = (await prompts(9)).map((prompt, at) => ({
      prompt,
      maxTokens: 40,
      adapter: [null, 'a', 'b'][at % 3]!,
    }));
    const together = await Promise.all(requests.map((request) => stream(request)));
    for (const [at, request] of requests.entries()) expect((await stream(request)).ids).toEqual(together[at]!.ids);
  });

  it('do not wait for a long answer with another adapter', async () => {
    const control = new AbortController();
    const answer = stream({ prompt: [BOS], maxTokens: LONG_TOKENS, adapter: 'a' }, control.signal, long);
    await stream({ prompt: [BOS], maxTokens: 5, adapter: 'b' }, undefined, long);
    control.abort();
    const { finishReason, completionTokens } = await answer;
    expect(finishReason).toBe('cancelled');
    // It did not wait either.
    expect(completionTokens).toBeGreaterThan(0);
  });

  it('end within a few tokens when cancelled, and free their sequence', async () => {
    const control = new AbortController();
    let seen = 0;
    let final: FinalPiece | null = null;
    for await (const piece of long.generate({ prompt: [BOS], maxTokens: LONG_TOKENS }, { signal: control.signal })) {
      if (piece.kind === 'end') final = piece;
      else if (++seen === 3) control.abort();
    }
    // A few in this process's time; on a busy machine the model may run on while the cancellation waits for a core.
    expect(final).toMatchObject({ finishReason: 'cancelled' });
    expect(final!.completionTokens).toBeLessThan(LONG_TOKENS / 2);
    for (let round = 0; round < 8; round++) {
      for await (const piece of long.generate({ prompt: [BOS], maxTokens: LONG_TOKENS }))
        if (piece.kind === 'text') break;
    }
    // All four sequences are free again after eight unfinished answers.
    const four = await Promise.all([1, 2, 3, 4].map(() => stream({ prompt: [BOS], maxTokens: 5 }, undefined, long)));
    expect(four.map(({ completionTokens }) => completionTokens)).toEqual([5, 5, 5, 5]);
  });

  it('can be cancelled while they wait for a sequence', async () => {
    const control = new AbortController();
    const busy = Array.from({ length: 4 }, () => stream({ prompt: [BOS], maxTokens: 200 }));
    const waiting = stream({ prompt: [BOS], maxTokens: 200 }, control.signal);
    control.abort();
    expect(await waiting).toMatchObject({ finishReason: 'cancelled', completionTokens: 0, text: '' });
    await Promise.all(busy);
  });
});

describe('adapters', () => {
  it('give the logits of a base to which the product of their matrices was added', async () => {
    const lora = randomLora(9, { size: 0.6, alpha: 8 });
    await host.addAdapter('nine', await files.write('nine.gguf', lora.file));
    expect(host.info.adapters).toContain('nine');
    const merged = stories260k({
      change: (tensor) => {
        const pair = lora.pairs.get(tensor.name);
        if (!pair) return tensor;
        const values = tensor.values.map((weight, at) => {
          const [row, column] = [Math.floor(at / 64), at % 64];
          // alpha / rank = 8 / 4.
          for (let inner = 0; inner < 4; inner++) weight += 2 * pair.b[row * 4 + inner]! * pair.a[inner * 64 + column]!;
          return weight;
        });
        return { ...tensor, values };
      },
    });
    const other = await openModel({ modelPath: await files.write('merged.gguf', merged), sequences: 1 });
    const ids = (await host.tokenize(stories[0]!, { addBos: true })).slice(0, 40);
    const [expected, got, base] = [
      await other.logits(ids),
      await host.logits(ids, { adapter: 'nine' }),
      await host.logits(ids),
    ];
    await other.close();
    const largest = (of: Float32Array) => of.reduce((max, value, at) => Math.max(max, Math.abs(value - got[at]!)), 0);
    // Keys and values are kept as f16 (2^-12 of their size), logits reach 20.
    expect(largest(expected)).toBeLessThan(0.05);
    expect(largest(base)).toBeGreaterThan(2);
  });

  it('change nothing if they are zero, and leave the base bit-equal after a switch', async () => {
    const ids = (await host.tokenize(stories[1]!, { addBos: true })).slice(0, 60);
    const base = await host.logits(ids);
    const nothing = await host.logits(ids, { adapter: 'nothing' });
    expect(nothing).toEqual(base);
    const a = await host.logits(ids, { adapter: 'a' });
    expect(a).not.toEqual(base);
    expect(await host.logits(ids, { adapter: 'b' })).not.toEqual(a);
    expect(await host.logits(ids)).toEqual(base);
    expect(await host.logits(ids, { adapter: 'a' })).toEqual(a);
  });

  it('are refused if they fit another base, are models, are truncated or reuse a name', async () => {
    const narrow = await files.write('narrow.gguf', randomLora(1, { width: 32 }).file);
    const deep = await files.write('deep.gguf', randomLora(1, { layers: 6 }).file);
    const truncated = await files.write('truncated.gguf', randomLora(1).file.subarray(0, 5000));
    await expect(host.addAdapter('x', narrow)).rejects.toMatchObject({
      code: 'ADAPTER_MISMATCH',
      message: expect.stringContaining('incorrect shape'),
    });
    await expect(host.addAdapter('x', deep)).rejects.toMatchObject({
      code: 'ADAPTER_MISMATCH',
      message: expect.stringContaining('blk.5.attn_'),
    });
    await expect(host.addAdapter('x', files.modelPath)).rejects.toMatchObject({
      code: 'ADAPTER_MISMATCH',
      message: expect.stringContaining('general.type is "model"'),
    });
    await expect(host.addAdapter('x', truncated)).rejects.toMatchObject({ code: 'GGUF_INVALID' });
    await expect(host.addAdapter('a', narrow)).rejects.toMatchObject({ code: 'ADAPTER_EXISTS' });
    const { modelPath } = files;
    await expect(openModel({ modelPath, adapters: { x: narrow } })).rejects.toMatchObject({ code: 'ADAPTER_MISMATCH' });
    expect((await stream({ prompt: [BOS], maxTokens: 4 })).ids).toEqual([403, 407, 261, 378]);
  });
});
