import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chatTokens, openModel } from '@cogumi/llama';
import { randomLora, stories260k } from '@cogumi/llama/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { openRuntime } from '../open-bundle.ts';
import type { AnswerRequest, Runtime } from '../runtime.ts';
import { sampleBundle, tarOf } from '../testing/sample-bundle.ts';

const folder = await mkdtemp(join(tmpdir(), 'early-'));
const opened: Runtime[] = [];
afterAll(async () => {
  for (const runtime of opened) await runtime.close();
  await rm(folder, { recursive: true });
});
const WIDTH = 64;
const TEMPLATE = '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:';
const base = stories260k({ metadata: { 'tokenizer.chat_template': { text: TEMPLATE } } });
const QUESTIONS = ['What is 17 plus 25?', 'Write f(x).', 'Where is the dog?', 'no', 'Is this the fifth question?'];

/** A bundle whose router reads a layer. It tells messages apart by a feature, which it compares with `bound`. */
async function openRouted(layer: number, bound: number): Promise<Runtime> {
  const features = { hiddenSize: WIDTH, mean: Array(WIDTH).fill(0), scale: Array(WIDTH).fill(1) };
  const weights = Array.from({ length: 2 * WIDTH }, (_, at) => Number(at === WIDTH));
  const layers = [{ inputs: WIDTH, outputs: 2, weights, bias: [bound, 0] }];
  const router = { schema: 1, routes: ['base', 'code'], features, layers, layer };
  const path = join(folder, `layer-${layer}-${bound}.cogumi`);
  await writeFile(path, tarOf(sampleBundle({ base, adapters: { code: randomLora(1).file }, router })));
  const runtime = await openRuntime(path, { cache: folder, contextTokens: 256, threads: 1, sequences: 2 });
  opened.push(runtime);
  return runtime;
}

async function ask(runtime: Runtime, request: AnswerRequest) {
  const { decision, pieces, promptTokens } = await runtime.answer({ ...request, maxTokens: 12 });
  let text = '';
  let cached = 0;
  for await (const piece of pieces) {
    if (piece.kind === 'text') text += piece.text;
    else if (piece.kind === 'end') cached = piece.cachedTokens;
  }
  return { decision, text, cached, promptTokens };
}
const user = (content: string) => [{ role: 'user' as const, content }];

/** The feature of each question that the router reads. */
async function firstFeatures(layer: number): Promise<number[]> {
  const modelPath = join(folder, 'base.gguf');
  await writeFile(modelPath, base);
  const host = await openModel({ modelPath, sequences: 1, threads: 1, contextTokens: 256, layers: true });
  const read = await host.readLayers(await Promise.all(QUESTIONS.map((content) => chatTokens(host, user(content)))), [
    layer,
  ]);
  await host.close();
  return read.map(([mean]) => mean?.[0] as number);
}

describe.each([0, 3])('a router that reads layer %i', (layer) => {
  it('routes by what training reads, and answers as if the route had been named, with a prompt of the base read once', async () => {
    const features = await firstFeatures(layer);
    const middle = features.toSorted((one, other) => one - other)[2] as number;
    const runtime = await openRouted(layer, middle);
    for (const [at, content] of QUESTIONS.entries()) {
      const routed = await ask(runtime, { messages: user(content), route: null, cacheSalt: 'routed' });
      const route = (features[at] as number) > middle ? 'code' : 'base';
      expect(routed.decision).toMatchObject({ route, reason: 'router', perplexity: null });
      expect(routed.decision.scores.code! / routed.decision.scores.base!).toBeCloseTo(
        Math.exp(features[at]! - middle),
        5,
      );
      const chosen = await ask(runtime, { messages: user(content), route, cacheSalt: 'chosen' });
      expect(routed.text).toBe(chosen.text);
      if (route === 'base') expect(routed.cached).toBe(routed.promptTokens - 1);
      else expect(routed.cached).toBe(chosen.cached);
    }
  });

  it('reads only the message where it stands in a conversation', async () => {
    const runtime = await openRouted(layer, 1e9);
    const messages = [
      ...user('Is this the fifth question?'),
      { role: 'assistant' as const, content: 'No.' },
      ...user('no'),
    ];
    const routed = await ask(runtime, { messages, route: null, cacheSalt: 'anna' });
    const chosen = await ask(runtime, { messages, route: 'base', cacheSalt: 'ben' });
    expect([routed.text, routed.cached]).toEqual([chosen.text, chosen.cached]);
    expect(routed.decision.route).toBe('base');
  });
});

it('is refused by name where the base lacks its layer', async () => {
  await expect(openRouted(4, 0)).rejects.toMatchObject({
    code: 'ROUTER_SHAPE',
    message: 'The router reads layer 4; the base has 5 layers, of which it can read 0 to 3.',
  });
});
