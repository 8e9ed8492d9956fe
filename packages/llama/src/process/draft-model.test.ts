import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel, type Model } from '../binding/model.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { DraftModel } from '../scheduling/speculation/draft-model.ts';
import { promptLookup } from '../scheduling/speculation/prompt-lookup.ts';
import { chiSquareScore } from '../testing/chi-square-score.ts';
import { type Answer, scheduledAnswers } from '../testing/scheduled-answers.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { stories260k } from '../testing/stories260k.ts';
import type { GenerateRequest } from '../types/answers.ts';
import type { SpeculationReport } from '../types/decisions.ts';
import { decideDraft, decideSpeculation } from './measure-speculation.ts';
import { openModel } from './model-host.ts';

/** Passes over several tokens, and all of the draft model, cost next to nothing, so that every draft is tried. */
const PASSES = [
  { tokens: 1, ms: 1 },
  { tokens: 2, ms: 1.001 },
];
const FREE = [
  { tokens: 1, ms: 0.001 },
  { tokens: 2, ms: 0.001 },
];
const OFF: SpeculationReport = { used: false, reason: 'it is not asked for' };
const WITH_DRAFT: SpeculationReport = {
  used: true,
  reason: 'for this test',
  passes: PASSES,
  draft: { used: true, reason: 'for this test', passes: FREE },
};
const TURNS = { used: false, reason: 'turns' };
const SEQUENCES = 4;

let files: Awaited<ReturnType<typeof storiesFolder>>;
let model: Model;
/** The model itself as its draft, and a copy whose last layer is silent. */
let equal: Model;
let damaged: Model;
beforeAll(async () => {
  files = await storiesFolder();
  const silent = stories260k({
    change: (tensor) =>
      /^blk\.4\.(attn_output|ffn_down)/.test(tensor.name)
        ? { ...tensor, values: new Float32Array(tensor.values.length) }
        : tensor,
  });
  const damagedPath = await files.write('damaged.gguf', silent);
  const load = (modelPath: string) =>
    loadModel({ modelPath, threads: 1, contextTokens: 512, sequences: SEQUENCES, mixing: false });
  model = await load(files.modelPath);
  equal = await load(files.modelPath);
  damaged = await load(damagedPath);
});
afterAll(() => files.remove());

/** Counts the passes of a model. */
function counted(of: Model): Model & { passes: number } {
  const counter = Object.create(of) as Model & { passes: number };
  counter.passes = 0;
  counter.decode = (entries, hidden) => {
    counter.passes++;
    of.decode(entries, hidden);
  };
  return counter;
}

function schedulerOf(draft: Model | null, report = draft ? WITH_DRAFT : OFF): Scheduler {
  model.clearAll();
  draft?.clearAll();
  const own = draft ? [new DraftModel(draft, FREE, model.vocabulary.size)] : [];
  return new Scheduler(model, SEQUENCES, TURNS, report, { sources: [promptLookup, ...own] });
}

const tokens = (text: string) => model.vocabulary.tokenize(text, true, true);
const logitsAfter = (ids: readonly number[]) =>
  schedulerOf(null)
    .logits(ids, { adapter: null, from: ids.length - 1, shared: false })
    .slice();
const PROMPTS = ['Once upon a time', 'Tim had a red ball. He', 'Lily and her mom went to the', 'The big dog was'];

/** Texts may part where two tokens are equally likely but for rounding. @returns Whether they do. */
function partAtTie(one: Answer, other: Answer, prompt: readonly number[]): boolean {
  const place = one.ids.findIndex((id, at) => id !== other.ids[at]);
  if (place === -1) {
    expect(other).toEqual({ ...one, cachedTokens: other.cachedTokens });
    return false;
  }
  const logits = logitsAfter([...prompt, ...one.ids.slice(0, place)]);
  // Rounding of this model's float32 logits, whose range is about 30 (chosen).
  expect(Math.abs(logits[one.ids[place]!]! - logits[other.ids[place]!]!)).toBeLessThan(1e-3);
  return true;
}

describe('a draft model', () => {
  it('changes no text, whether it is always right or often wrong', async () => {
    const kinds: Partial<GenerateRequest>[] = [
      {},
      { temperature: 0.8, seed: 5 },
      { temperature: 1.2, seed: 6, topK: 20, topP: 0.9, repetitionPenalty: 1.1 },
      { stop: ['.'] },
      { grammar: 'root ::= [a-z ,.]*' },
      { maxTokens: 2 },
      { maxTokens: 1 },
    ];
    let ties = 0;
    const shares: number[] = [];
    for (const draft of [equal, damaged]) {
      let [drafted, accepted] = [0, 0];
      for (const kind of kinds) {
        const prompts = PROMPTS.map(tokens);
        const requests = prompts.map((prompt) => ({ prompt, maxTokens: 50, ...kind }));
        const plain = await scheduledAnswers(schedulerOf(null), requests);
        const scheduler = schedulerOf(draft);
        const answers = await scheduledAnswers(scheduler, requests);
        for (const [at, answer] of plain.entries()) ties += Number(partAtTie(answer, answers[at]!, prompts[at]!));
        drafted += scheduler.drafts.draft.draftedTokens;
        accepted += scheduler.drafts.draft.acceptedTokens;
      }
      expect(drafted).toBeGreaterThan(300);
      shares.push(accepted / drafted);
    }
    console.info(`${ties} of ${2 * kinds.length * PROMPTS.length} texts part at a tie; accepted ${shares}`);
    expect(ties).toBeLessThan(3);
    // At temperatures above 0 a guess of the model itself is refused as well.
    expect(shares[1]).toBeLessThan(0.7 * shares[0]!);
    expect(shares[1]).toBeGreaterThan(0.02);
  });

  it('that is the model itself is accepted at temperature 0, and saves passes; one for all answers together', async () => {
    const passesOf = async (texts: readonly string[]) => {
      const draft = counted(equal);
      const scheduler = schedulerOf(draft);
      await scheduledAnswers(
        scheduler,
        texts.map((text) => ({ prompt: tokens(text), maxTokens: 60 })),
      );
      const { drafts, draftedTokens, acceptedTokens } = scheduler.drafts.draft;
      // Of the last draft a part may be behind the end of the story.
      expect(acceptedTokens / draftedTokens).toBeGreaterThan(0.9);
      return { draftPasses: draft.passes, drafts };
    };
    const [one, four] = [await passesOf(PROMPTS.slice(0, 1)), await passesOf(PROMPTS)];
    expect(one.drafts).toBeLessThan(12);
    expect(four.draftPasses).toBeLessThan(2 * one.draftPasses);
  });

  it('samples from the distribution of the model: chi-square at four places of drafts', async () => {
    const prompt = tokens('Once upon a time');
    const temperature = 1.4;
    const samples = 1000;
    const path: number[] = [];
    for (let place = 0; place < 5; place++) {
      damaged.clearAll();
      const text = [...prompt, ...path].map((token, position) => ({ token, position, sequence: 0, output: true }));
      damaged.decode(text, false);
      const logits = damaged.logits(text.length - 1);
      path.push(logits.indexOf(Math.max(...logits)));
    }
    const scheduler = schedulerOf(damaged);
    const requests = Array.from({ length: samples }, (_, seed) => ({ prompt, maxTokens: 6, temperature, seed }));
    const drawn = (await scheduledAnswers(scheduler, requests)).map(({ ids }) => ids);
    const { draftedTokens, acceptedTokens } = scheduler.drafts.draft;
    expect(acceptedTokens).toBeGreaterThan(samples / 4);
    expect(draftedTokens - acceptedTokens).toBeGreaterThan(samples / 4);
    const scores: number[] = [];
    for (let place = 0; place < 4; place++) {
      const own = drawn.filter((ids) => path.slice(0, place).every((id, at) => ids[at] === id));
      if (own.length < 100) break;
      const weights = Array.from(logitsAfter([...prompt, ...path.slice(0, place)]), (logit) =>
        Math.exp(logit / temperature),
      );
      const whole = weights.reduce((sum, weight) => sum + weight, 0);
      const counts = weights.map(() => 0);
      // An answer may end instead: its token is not among the ids.
      for (const ids of own) counts[ids[place] ?? model.info.endIds[0]!]!++;
      const expected = weights.map((weight) => (own.length * weight) / whole);
      scores.push(chiSquareScore(counts, expected));
    }
    console.info(`standard deviations: ${scores.map((score) => score.toFixed(2)).join(', ')}`);
    expect(scores.length).toBeGreaterThan(1);
    for (const score of scores) expect(score).toBeLessThan(4);
  });

  it('keeps its cache in step with answers that end, are cancelled or take over a sequence', async () => {
    const scheduler = schedulerOf(equal);
    const first = PROMPTS.map((text) => ({ prompt: tokens(text), maxTokens: 30 }));
    const turns = (await scheduledAnswers(scheduler, first)).map(({ ids }, at) => ({
      prompt: [...first[at]!.prompt, ...ids.slice(0, 20), ...tokens(' Then').slice(1)],
      maxTokens: 40,
    }));
    const again = await scheduledAnswers(scheduler, turns);
    const fresh = await scheduledAnswers(schedulerOf(equal), turns);
    const plain = await scheduledAnswers(schedulerOf(null), turns);
    const ties = plain.flatMap((answer, at) =>
      [again, fresh].map((other) => partAtTie(answer, other[at]!, turns[at]!.prompt)),
    );
    expect(ties.filter(Boolean).length).toBeLessThan(2);
    const { draftedTokens, acceptedTokens } = scheduler.drafts.draft;
    expect(acceptedTokens / draftedTokens).toBeGreaterThan(0.9);
  });

  it('reads long texts in parts of a pass, the one with fewest unread tokens first', () => {
    equal.clearAll();
    const draft = new DraftModel(equal, FREE, model.vocabulary.size);
    const text = (sequence: number, length: number) => ({
      text: { sequence, tokens: Int32Array.from({ length }, (_, at) => 3 + (at % 400)) },
      length: 3,
    });
    const wanted = [text(0, 400), text(1, 300), text(2, 10)];
    const lengths = () => draft.draft(wanted).map((guess) => guess.length);
    expect(lengths()).toEqual([0, 3, 3]);
    expect(lengths()).toEqual([3, 3, 3]);
    expect(draft.offer(text(0, 510).text, 15)).toBe(2);
    expect(draft.offer(text(0, 600).text, 15)).toBe(0);
  });

  it('that fails is left out, and the answers go on', async () => {
    const failing = counted(equal);
    failing.decode = (entries, hidden) => {
      if (++failing.passes > 5) throw new Error('no memory');
      equal.decode(entries, hidden);
    };
    const requests = PROMPTS.map((text) => ({ prompt: tokens(text), maxTokens: 30 }));
    const scheduler = schedulerOf(failing);
    const answers = await scheduledAnswers(scheduler, requests);
    const plain = await scheduledAnswers(schedulerOf(null), requests);
    for (const [at, answer] of plain.entries()) partAtTie(answer, answers[at]!, requests[at]!.prompt);
    expect(scheduler.reports.speculation.draft).toMatchObject({ used: false, reason: 'it failed: no memory' });
  });

  it('is tried seldom where it is hardly ever right', async () => {
    const wrong = Object.create(damaged) as Model;
    // It guesses the unknown token.
    wrong.logits = () => Float32Array.from({ length: model.vocabulary.size }, (_, id) => Number(id === 0));
    const costly: SpeculationReport = {
      ...WITH_DRAFT,
      passes: [
        { tokens: 1, ms: 1 },
        { tokens: 4, ms: 1.9 },
        { tokens: 8, ms: 3.1 },
        { tokens: 16, ms: 5.5 },
      ],
    };
    const scheduler = schedulerOf(wrong, costly);
    await scheduledAnswers(
      scheduler,
      Array.from({ length: 8 }, (_, seed) => ({ prompt: tokens(PROMPTS[0]!), maxTokens: 100, temperature: 1, seed })),
    );
    const { drafts, acceptedTokens } = scheduler.drafts.draft;
    expect(acceptedTokens).toBe(0);
    // The first answers begin with hope; then one is tried after 32 tokens, and after 64 more.
    expect(drafts).toBeLessThan(8 * 4);
  });
});

describe('the decision to use a draft model', () => {
  it('is for one that is much faster and against one that is as slow as the model', () => {
    const { passes } = decideSpeculation(model, 'auto');
    const report = decideDraft(damaged, passes!);
    expect(report.reason).toMatch(/^a pass of the draft model takes [\d.]+ times as long as one of the model/);
    const slow = Array.from([1, 2, 4, 8, 12, 16], (count) => ({ tokens: count, ms: 100 }));
    expect(decideDraft(damaged, slow)).toMatchObject({ used: true, leastAccepted: expect.any(Number) });
    const fast = slow.map(({ tokens: count }) => ({ tokens: count, ms: 1e-6 * count }));
    expect(decideDraft(damaged, fast).used).toBe(false);
  });

  it('refuses another vocabulary with both values, before a process is started', async () => {
    const draft = async (name: string, texts: readonly string[]) =>
      files.write(name, stories260k({ metadata: { 'tokenizer.ggml.tokens': { texts } } }));
    const texts = Array.from({ length: 512 }, (_, id) => model.vocabulary.piece(id, true).toString('latin1'));
    const open = (draftPath: string) => openModel({ modelPath: files.modelPath, draftPath, speculate: 'auto' });
    await expect(
      open(
        await draft(
          'short.gguf',
          texts.slice(0, 300).map((_, id) => `t${id}`),
        ),
      ),
    ).rejects.toMatchObject({
      code: 'DRAFT_VOCABULARY',
      message: expect.stringContaining('its vocabulary has 300 tokens, that of the model 512'),
    });
    await expect(
      open(
        await draft(
          'other.gguf',
          texts.map((_, id) => `t${id}`),
        ),
      ),
    ).rejects.toMatchObject({
      code: 'DRAFT_VOCABULARY',
      message: expect.stringContaining('its token 0 is "t0", that of the model "<unk>"'),
    });
  });

  it('is in what the process reports, with its memory', async () => {
    const memory: number[] = [];
    const report = async (draftPath: string | undefined) => {
      const host = await openModel({
        modelPath: files.modelPath,
        threads: 1,
        speculate: 'auto',
        ...(draftPath === undefined ? {} : { draftPath }),
        fit: async (needOf) => {
          const { weights, cache } = await needOf(2);
          memory.push(weights + cache);
          return { sequences: 2 };
        },
      });
      const { drafts, speculation } = await host.statistics();
      await host.close();
      return { drafts, speculation };
    };
    await report(undefined);
    const { drafts, speculation } = await report(files.modelPath);
    expect(memory[1]).toBe(2 * memory[0]!);
    expect(drafts.draft).toEqual({ drafts: 0, draftedTokens: 0, comparedTokens: 0, acceptedTokens: 0 });
    if (speculation.used) expect(speculation.draft).toMatchObject({ used: expect.any(Boolean) });
  });

  it('is set aside where a length is asked for, to learn how many are accepted', async () => {
    const { modelPath } = files;
    const host = await openModel({ modelPath, draftPath: modelPath, draftTokens: 3, speculate: 'auto', threads: 1 });
    const prompt = await host.tokenize(PROMPTS[0]!, { addBos: true });
    for await (const _ of host.generate({ prompt, maxTokens: 41 }));
    const { drafts } = await host.statistics();
    await host.close();
    expect(drafts.lookup.drafts).toBe(0);
    expect(drafts.draft.draftedTokens / drafts.draft.drafts).toBeCloseTo(3, 0);
    expect(drafts.draft.acceptedTokens / drafts.draft.draftedTokens).toBeGreaterThan(0.9);
  });
});
