import type { RouterWeights } from '@cogumi/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BATCH_TOKENS, loadModel, type Model } from '../binding/model.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { scheduledAnswers } from '../testing/scheduled-answers.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora, stories260k } from '../testing/stories260k.ts';
import { layerRouter } from './layer-router.ts';
import { type ModelHost, openModel } from './model-host.ts';

const TEXT = 'Once upon a time, there was a little girl named Lily. She loved to play outside in the park.';
const OFF = { used: false, reason: 'off' };
const LAYER = 2;
const GOES_ON = { cacheSalt: undefined, goesOn: () => true };
const WIDTH = 64;

let files: Awaited<ReturnType<typeof storiesFolder>>;
let long: string;
let adapters: Record<string, string>;
beforeAll(async () => {
  files = await storiesFolder();
  long = await files.write('long.gguf', stories260k({ metadata: { 'llama.context_length': { u32: 2048 } } }));
  adapters = Object.fromEntries(
    await Promise.all(
      ['a', 'b'].map(async (name, at) => [name, await files.write(`${name}.gguf`, randomLora(at + 1).file)]),
    ),
  );
});
afterAll(() => files.remove());

/** A router that gives every prompt to one route. */
function alwaysTo(route: 'base' | 'a', layer = LAYER): RouterWeights {
  const features = { hiddenSize: WIDTH, mean: Array(WIDTH).fill(0), scale: Array(WIDTH).fill(1) };
  const bias = route === 'base' ? [1, 0] : [0, 1];
  const layers = [{ inputs: WIDTH, outputs: 2, weights: Array(2 * WIDTH).fill(0), bias }];
  return { schema: 1, routes: ['base', 'a'], features, layers, layer, perplexityBound: 1 };
}

/** A model whose passes are counted: tokens of each, and whether it ended early. @param begun - Tokens of `TEXT` that all prompts begin with. */
async function counted(modelPath: string, begun = 0) {
  const options = { modelPath, adapters, threads: 1, sequences: 3, contextTokens: 800 };
  const model = await loadModel({ ...options, mixing: false, layers: true });
  const passes: string[] = [];
  const readLayers: NonNullable<Model['readLayers']> = (entries, layers, read) => {
    const whole = (model.readLayers as NonNullable<Model['readLayers']>)(entries, layers, read);
    passes.push(`${entries.length} ${whole ? 'whole' : 'stopped'}`);
    return whole;
  };
  const decode: Model['decode'] = (entries, hidden) => {
    passes.push(`${entries.length}`);
    model.decode(entries, hidden);
  };
  const watched = Object.create(model, { decode: { value: decode }, readLayers: { value: readLayers } }) as Model;
  const prompt = model.vocabulary.tokenize(TEXT, true, false);
  return {
    model,
    watched,
    passes,
    prompt,
    scheduler: new Scheduler(watched, 3, OFF, OFF, { beginning: prompt.slice(0, begun) }),
  };
}

describe('a pass that ends at a layer', () => {
  it('has read the same bits as one that goes on, of one layer and of many', async () => {
    const { model, prompt } = await counted(files.modelPath);
    const entries = prompt.map((token, position) => ({ token, position, sequence: 0, output: false }));
    const read = (layers: number[], goesOn: boolean) => {
      const states = new Map<number, number[]>();
      model.clearSequence(0);
      const whole = model.readLayers?.(entries, layers, (layer, values) => {
        states.set(layer, [...values]);
        return goesOn;
      });
      expect(whole).toBe(goesOn);
      return states;
    };
    const all = read([0, 1, 2, 3], true);
    expect([...all.keys()]).toEqual([0, 1, 2, 3]);
    for (const layer of all.keys()) {
      expect(read([layer], false).get(layer)).toEqual(all.get(layer));
      expect(read([layer], true).get(layer)).toEqual(all.get(layer));
    }
    expect(all.get(1)).not.toEqual(all.get(2));
    expect(() => read([4], true)).toThrow(/layer 4 cannot be read: it has the shape \[64, 0, 1, 1\]/);
    expect(() => read([7], true)).toThrow('The output of layer 7 cannot be read');
  });

  it('leaves nothing behind: what is read and answered afterwards is as without it', async () => {
    const { model, watched, prompt, scheduler } = await counted(files.modelPath);
    const stop = () => void scheduler.layerMeans(prompt, [LAYER], { cacheSalt: undefined, goesOn: () => false });
    stop();
    expect(model.sequenceBytes(model.spareSequence)).toBe(model.sequenceBytes(0));
    const requests = [null, 'a', 'b'].map((adapter) => ({ prompt, adapter, maxTokens: 24 }));
    const fresh = async () => new Scheduler((await counted(files.modelPath)).model, 3, OFF, OFF);
    for (const request of requests) {
      const [after] = await scheduledAnswers(scheduler, [request]);
      const [alone] = await scheduledAnswers(await fresh(), [request]);
      expect([after?.text, after?.cachedTokens]).toEqual([alone?.text, 0]);
      expect(after?.ids).toHaveLength(24);
      stop();
    }
    expect(scheduler.inspect(prompt)).toEqual((await fresh()).inspect(prompt));
    // Also where the next prompt goes into the very sequence.
    const { spareSequence } = watched;
    const again = prompt.map((token, position) => ({ token, position, sequence: spareSequence, output: true }));
    model.clearSequence(spareSequence);
    model.decode(again, true);
    const logits = model.logits(again.length - 1).slice();
    model.clearSequence(spareSequence);
    model.readLayers?.(
      again.map((entry) => ({ ...entry, output: false })),
      [0],
      () => false,
    );
    model.clearSequence(spareSequence);
    model.decode(again, true);
    expect(model.logits(again.length - 1)).toEqual(logits);
  });
});

describe('a prompt that a router reads', () => {
  it('is read once where the base answers it, and up to the layer where an adapter does', async () => {
    const { watched, passes, prompt, scheduler } = await counted(files.modelPath, 3);
    const base = layerRouter(watched, alwaysTo('base'));
    passes.length = 0;
    base?.probe(scheduler, prompt, { cacheSalt: 'anna', answers: true });
    const own = prompt.length - 4;
    expect(passes).toEqual(['3', `${own} whole`]);
    const [answer] = await scheduledAnswers(scheduler, [{ prompt, maxTokens: 1, cacheSalt: 'anna' }]);
    expect(answer?.cachedTokens).toBe(prompt.length - 1);
    expect(passes.splice(0)).toEqual(['3', `${own} whole`, '1']);

    // A prompt that stands in a conversation is not what is answered, so nothing is gained by reading on.
    const other = [...prompt.slice(0, -3), 300, 301];
    base?.probe(scheduler, other, { cacheSalt: 'anna', answers: false });
    layerRouter(watched, alwaysTo('a'))?.probe(scheduler, [...other, 302], { cacheSalt: 'anna', answers: true });
    expect(passes).toEqual([`${own - 1} stopped`, '2 stopped', `${own} stopped`]);
    // It is not read again for the next turn.
    base?.probe(scheduler, other, { cacheSalt: 'anna', answers: true });
    expect(passes).toHaveLength(3);
  });

  it('takes several passes where it is long, each of which ends at the layer', async () => {
    const { passes, prompt, scheduler } = await counted(long);
    const tokens = Array.from({ length: 700 }, (_, at) => prompt[at % prompt.length] as number);
    const mean = scheduler.layerMeans(tokens, [LAYER], GOES_ON)[0] as Float32Array;
    expect(passes).toEqual([`${BATCH_TOKENS} stopped`, `${699 - BATCH_TOKENS} stopped`]);
    expect(scheduler.layerMeans(tokens, [LAYER], { ...GOES_ON, cacheSalt: null })).toEqual([mean]);
    expect(mean).not.toEqual(scheduler.layerMeans(tokens.slice(0, 50), [LAYER], GOES_ON)[0]);
  });

  it.each([[[1]], [[1, 403]]])('may be as short as %j', async (tokens) => {
    const { scheduler } = await counted(files.modelPath);
    const mean = scheduler.layerMeans(tokens, [LAYER], GOES_ON)[0] as Float32Array;
    expect(mean.every(Number.isFinite)).toBe(true);
    const [answer] = await scheduledAnswers(scheduler, [{ prompt: tokens, maxTokens: 8 }]);
    const [alone] = await scheduledAnswers((await counted(files.modelPath)).scheduler, [
      { prompt: tokens, maxTokens: 8 },
    ]);
    expect([answer?.text, answer?.cachedTokens]).toEqual([alone?.text, tokens.length - 1]);
  });

  it('is refused by name where the base lacks the layer', async () => {
    const open = (layer: number) => openModel({ modelPath: files.modelPath, router: alwaysTo('base', layer) });
    for (const layer of [4, 40]) {
      await expect(open(layer)).rejects.toMatchObject({
        code: 'ROUTER_SHAPE',
        message: `The router reads layer ${layer}; the base has 5 layers, of which it can read 0 to 3.`,
      });
    }
  });
});

describe('beside answers in mixed passes', () => {
  const texts = async (host: ModelHost, prompts: readonly number[][], between: (at: number) => Promise<unknown>) => {
    const answers = prompts.map(async (prompt, at) => {
      await between(at);
      let text = '';
      const request = { prompt, adapter: [null, 'a', 'b'][at % 3] as string | null, maxTokens: 30 };
      for await (const piece of host.generate(request)) if (piece.kind === 'text') text += piece.text;
      return text;
    });
    return Promise.all(answers);
  };

  it('prompts are read, whole and in part, and each stream is as it is alone', async () => {
    const options = { modelPath: files.modelPath, adapters, threads: 1, contextTokens: 256, sequences: 4 } as const;
    const alone = await openModel({ ...options, sequences: 1 });
    const ids = await alone.tokenize(TEXT, { addBos: true });
    const prompts = Array.from({ length: 9 }, (_, at) => [...ids.slice(0, 4 + 2 * at), 270 + at]);
    const expected: string[] = [];
    for (const [at, prompt] of prompts.entries()) {
      const request = { prompt, adapter: [null, 'a', 'b'][at % 3] as string | null, maxTokens: 30 };
      expected.push((await alone.completeAll([request]))[0]!.text);
    }
    await alone.close();
    for (const route of ['base', 'a'] as const) {
      const mixed = await openModel({ ...options, mixing: true, router: alwaysTo(route) });
      expect(mixed.info.mixing.used).toBe(true);
      const probe = (at: number) => mixed.probe(prompts[at] as number[], { answers: true });
      expect(await texts(mixed, prompts, probe)).toEqual(expected);
      expect((await mixed.statistics()).mixing.used).toBe(true);
      await mixed.close();
    }
  });
});
