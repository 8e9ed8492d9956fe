import { readFileSync } from 'node:fs';
import { RouterWeights } from '@cogumi/contracts';
import { sampleRow } from '@cogumi/data/testing';
import { stories260k } from '@cogumi/llama/testing';
import { routerShapeProblems } from '@cogumi/pure';
import { makeQuestions } from '@cogumi/teachers/procedural';
import { describe, expect, it } from 'vitest';
import { runStage } from '../../../testing/stage-context.ts';
import { Readings } from './readings.ts';
import { route } from './stage.ts';

/** A model of 260,000 parameters that writes stories. Another one can be named to measure it. */
const model = process.env.COGUMI_ROUTE_MODEL
  ? readFileSync(process.env.COGUMI_ROUTE_MODEL)
  : stories260k({
      metadata: { 'tokenizer.chat_template': { text: '{% for m in messages %}{{ m.content }}\n{% endfor %}' } },
    });

const questions = (domains: object, split: 'train' | 'test') =>
  makeQuestions({ domains, split, unseenShare: 0, seed: 1 } as Parameters<typeof makeQuestions>[0]);

describe('route', () => {
  it('learns routes and follow-ups, and measures conversations in which the route stays or changes', async () => {
    const base = { easy: 20, hard: 20 };
    const rows = questions({ math: base, reading: base, common_sense: base }, 'train').map(({ question, domain }) =>
      sampleRow({ question, answer: 'a', domain }),
    );
    const { facts, path } = await runStage(route, {
      options: { promptsPerRoute: 100, heldOutPerDomain: 20, domains: { code: 'coding' } },
      inputs: {
        gguf: { files: { 'model.gguf': model } },
        rows: { files: { 'train.jsonl': rows } },
        'modifier.code': { files: { 'questions.jsonl': questions({ coding: { easy: 50, hard: 50 } }, 'train') } },
      },
    });
    const weights = RouterWeights.parse(JSON.parse(readFileSync(path('router.json'), 'utf8')));
    expect(routerShapeProblems(weights)).toEqual([]);
    const { followUps, changes } = facts.conversations as Record<string, { right: number; conversations: number }>;
    expect([followUps?.conversations, changes?.conversations]).toEqual([20, expect.toSatisfy((count) => count > 60)]);
    // With so few messages of so small a model 0.8 and more; a coin would miss half.
    expect(followUps!.right / followUps!.conversations).toBeGreaterThan(0.7);
    expect(changes!.right / changes!.conversations).toBeGreaterThan(0.7);
    expect(JSON.parse(readFileSync(path('confusion.json'), 'utf8')).conversations).toEqual({ followUps, changes });
    // The base's class is learned from general prompts too: of its tasks none looks like a question about Paris.
    expect((facts.general as { accuracy: number }).accuracy).toBeGreaterThan(0.8);
    if (process.env.COGUMI_ROUTE_MODEL) console.log(facts.conversations, facts.known, facts.unseen, facts.general);
  });

  it('makes up questions of the base where nothing was fine-tuned, so that there is no training set', async () => {
    const { facts } = await runStage(route, {
      options: { promptsPerRoute: 40, heldOutPerDomain: 4, epochs: 2, domains: { code: 'coding' } },
      inputs: {
        gguf: { files: { 'model.gguf': model } },
        'modifier.code': { files: { 'questions.jsonl': questions({ coding: { easy: 20, hard: 20 } }, 'train') } },
      },
    });
    // 80 questions of the base, 40 of the modifier, 40 general prompts.
    expect(facts.prompts).toBe(160);
  });

  it('reads nothing again that was read for the bundle that is extended', async () => {
    const options = { promptsPerRoute: 10, heldOutPerDomain: 2, epochs: 2, domains: { code: 'coding' } };
    const asked = questions({ coding: { easy: 5, hard: 5 } }, 'train');
    const once = await runStage(route, {
      options,
      inputs: { gguf: { files: { 'model.gguf': model } }, 'modifier.code': { files: { 'questions.jsonl': asked } } },
    });
    const files = Object.fromEntries(
      ['prompts.jsonl', 'readings.safetensors'].map((file) => [file, readFileSync(once.path(file))]),
    );
    const bundle = { files: { 'model.gguf': model, ...files } };
    const { facts, path } = await runStage(route, { options, inputs: { gguf: bundle, inherited: bundle } });
    expect([facts.read, facts.layer]).toEqual([0, once.facts.layer]);
    const [before, after] = [once.path, path].map((of) => readFileSync(of('readings.safetensors')));
    expect(after).toEqual(before);
    // What it brought along is of one layer, so no other is tried.
    expect([once.facts.layers, facts.layers].map((layers) => (layers as unknown[]).length)).toEqual([3, 1]);
    expect(once.facts.read).toBeGreaterThan(70);

    // An older bundle has readings of the last hidden state: they are of no use for a layer.
    const old = new Readings(String(once.facts.base), null);
    old.set([1, 2], { features: new Float32Array(64), perplexity: 3 });
    await old.write(path('old.safetensors'));
    const older = { files: { ...bundle.files, 'readings.safetensors': readFileSync(path('old.safetensors')) } };
    const again = await runStage(route, { options, inputs: { gguf: older, inherited: older } });
    expect([again.facts.read, (again.facts.layers as unknown[]).length]).toEqual([once.facts.read, 3]);
  });
});
