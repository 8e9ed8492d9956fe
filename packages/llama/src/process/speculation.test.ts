import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadModel, type Model } from '../binding/model.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import type { DraftSource } from '../scheduling/speculation/draft-source.ts';
import { promptLookup } from '../scheduling/speculation/prompt-lookup.ts';
import { chiSquareScore } from '../testing/chi-square-score.ts';
import { type Answer, scheduledAnswers as answers } from '../testing/scheduled-answers.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import type { FinalPiece, GenerateRequest } from '../types/answers.ts';
import type { SpeculationReport } from '../types/decisions.ts';
import { decideSpeculation } from './measure-speculation.ts';

const OFF: SpeculationReport = { used: false, reason: 'it is not asked for' };
/** Passes over several tokens cost next to nothing, so that every draft is tried. */
const ALWAYS: SpeculationReport = {
  used: true,
  reason: 'for this test',
  passes: [
    { tokens: 1, ms: 1 },
    { tokens: 2, ms: 1.001 },
  ],
};
const TURNS = { used: false, reason: 'turns' };

let files: Awaited<ReturnType<typeof storiesFolder>>;
let model: Model;
beforeAll(async () => {
  files = await storiesFolder();
  const adapters = {
    a: await files.write('a.gguf', randomLora(1).file),
    b: await files.write('b.gguf', randomLora(2, { rank: 8, modules: ['attn_q', 'attn_v', 'ffn_down'] }).file),
  };
  const { modelPath } = files;
  model = await loadModel({ modelPath, adapters, threads: 1, contextTokens: 256, sequences: 4, mixing: true });
});
afterAll(() => files.remove());

const schedulerOf = (speculation: SpeculationReport, mixing = TURNS) => {
  model.clearAll();
  return new Scheduler(model, 4, mixing, speculation);
};
const tokens = (text: string) => model.vocabulary.tokenize(text, true, true);
const logitsAfter = (scheduler: Scheduler, ids: readonly number[]) =>
  scheduler.logits(ids, { adapter: null, from: ids.length - 1, shared: false }).slice();

const STORY = 'Once upon a time, there was a little girl named Lily. She loved to play outside in the park. ';
const REPEATED = `${STORY}One day, she saw a big dog. ${STORY}One day, she`;

/** Texts may part where two tokens are equally likely but for rounding. @returns Whether they do. */
function partAtTie(one: Answer, other: Answer, prompt: readonly number[]): boolean {
  const place = one.ids.findIndex((id, at) => id !== other.ids[at]);
  if (place === -1) {
    expect(other).toEqual({ ...one, cachedTokens: other.cachedTokens, logprobs: other.logprobs });
    return false;
  }
  const logits = logitsAfter(schedulerOf(OFF), [...prompt, ...one.ids.slice(0, place)]);
  // Rounding of this model's float32 logits, whose range is about 30 (chosen).
  expect(Math.abs(logits[one.ids[place]!]! - logits[other.ids[place]!]!)).toBeLessThan(1e-3);
  return true;
}

describe('speculative decoding', () => {
  it('gives the texts that are given without it, for all kinds of requests', async () => {
    const prompts = [REPEATED, `${STORY}${STORY}Once`, 'Once upon a time', 'Tim had a red ball. Tim had a'].map(tokens);
    const kinds: Partial<GenerateRequest>[] = [
      {},
      { temperature: 0.8, seed: 5 },
      { temperature: 1.2, seed: 6, topK: 20, topP: 0.9, minP: 0.02 },
      { temperature: 0.7, seed: 7, repetitionPenalty: 1.1, frequencyPenalty: 0.2, presencePenalty: 0.1 },
      { stop: [' park', 'dog.'] },
      { logprobs: true, topLogprobs: 2 },
      { grammar: 'root ::= [a-zA-Z ,.]*' },
      { temperature: 0.8, seed: 9, grammar: 'root ::= [a-z ,.]*' },
      { maxTokens: 3 },
      { maxTokens: 1 },
      { maxTokens: 500 },
      { adapter: 'a' },
    ];
    const drafts = { draftedTokens: 0, acceptedTokens: 0 };
    let ties = 0;
    for (const kind of kinds) {
      const requests = prompts.map((prompt) => ({ prompt, maxTokens: 60, ...kind }));
      const plain = await answers(schedulerOf(OFF), requests);
      const scheduler = schedulerOf(ALWAYS);
      const drafted = await answers(scheduler, requests);
      drafts.draftedTokens += scheduler.drafts.lookup.draftedTokens;
      drafts.acceptedTokens += scheduler.drafts.lookup.acceptedTokens;
      for (const [at, answer] of plain.entries()) {
        if (kind.adapter === undefined) ties += Number(partAtTie(answer, drafted[at]!, prompts[at]!));
        else expect(drafted[at]!.ids).toEqual(answer.ids);
        if (kind.logprobs) {
          for (const [place, logprob] of answer.logprobs.entries()) {
            expect(drafted[at]!.logprobs[place]).toBeCloseTo(logprob, 2);
          }
        }
      }
    }
    console.info(`${ties} of ${prompts.length * kinds.length} texts part at a tie; ${JSON.stringify(drafts)}`);
    expect(ties).toBeLessThan(3);
    // Both ways were taken often.
    expect(drafts.acceptedTokens).toBeGreaterThan(200);
    expect(drafts.draftedTokens - drafts.acceptedTokens).toBeGreaterThan(200);
  });

  it('saves passes', async () => {
    const passes = async (report: SpeculationReport) => {
      let count = 0;
      const counted: Model = {
        ...model,
        get info() {
          return model.info;
        },
        decode(entries, hidden) {
          count++;
          model.decode(entries, hidden);
        },
      };
      model.clearAll();
      const grammar = `root ::= " saw a big dog. ${STORY}"`;
      await answers(new Scheduler(counted, 4, TURNS, report), [{ prompt: tokens(REPEATED), maxTokens: 60, grammar }]);
      return count;
    };
    expect(await passes(ALWAYS)).toBeLessThan(0.6 * (await passes(OFF)));
  });

  it('samples from the distribution of the model: chi-square at five places of drafts', async () => {
    const prompt = tokens(`${STORY}Once upon a`);
    const [, ...story] = tokens(STORY);
    // After " time" the lookup drafts what followed it before.
    const draft = story.slice(story.indexOf(prompt.at(-1)!, 2) + 1).slice(0, 6);
    const temperature = 1.6;
    const scheduler = schedulerOf(ALWAYS);
    const samples = 2000;
    const requests = Array.from({ length: samples }, (_, seed) => ({ prompt, maxTokens: 6, temperature, seed }));
    const drawn = (await answers(scheduler, requests)).map(({ ids }) => ids);
    const { draftedTokens, acceptedTokens } = scheduler.drafts.lookup;
    expect(acceptedTokens).toBeGreaterThan(samples / 2);
    expect(draftedTokens - acceptedTokens).toBeGreaterThan(samples / 2);
    const scores: number[] = [];
    const shares: number[] = [];
    for (let place = 1; place < draft.length; place++) {
      // All samples that have followed the draft so far.
      const own = drawn.filter((ids) => draft.slice(0, place).every((id, at) => ids[at] === id));
      const logits = logitsAfter(schedulerOf(OFF), [...prompt, ...draft.slice(0, place)]);
      const weights = Array.from(logits, (logit) => Math.exp(logit / temperature));
      const whole = weights.reduce((sum, weight) => sum + weight, 0);
      const counts = weights.map(() => 0);
      // An answer may end instead: its token is not among the ids.
      for (const ids of own) counts[ids[place] ?? model.info.endIds[0]!]!++;
      scores.push(
        chiSquareScore(
          counts,
          weights.map((weight) => (own.length * weight) / whole),
        ),
      );
      // The share of the guess alone shows a wrong acceptance sooner than all outcomes together.
      const likely = weights[draft[place]!]! / whole;
      shares.push((counts[draft[place]!]! - own.length * likely) / Math.sqrt(own.length * likely * (1 - likely)));
    }
    const text = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(', ');
    console.info(`standard deviations: chi-square ${text(scores)}; share of the guess ${text(shares)}`);
    for (const score of scores) expect(score).toBeLessThan(4);
    for (const share of shares) expect(Math.abs(share)).toBeLessThan(4);
  });

  it('makes no array for each answer, and none of the length that an answer may have at most', async () => {
    const seen = new Set<ArrayBufferLike>();
    const watching: DraftSource = {
      ...promptLookup,
      offer(text, most) {
        seen.add(text.tokens.buffer);
        return promptLookup.offer(text, most);
      },
    };
    model.clearAll();
    const scheduler = new Scheduler(model, 4, TURNS, ALWAYS, { sources: [watching] });
    const prompt = tokens('Once upon a time');
    const ask = () => answers(scheduler, [{ prompt, maxTokens: 240, stop: [' was'] }]);
    const [first] = await ask();
    const most = 4 * 4 * (prompt.length + first!.ids.length);
    const { size } = seen;
    for (let time = 0; time < 5; time++) await ask();
    expect(seen.size).toBe(size);
    for (const { byteLength } of seen) expect(byteLength).toBeLessThan(most);
  });

  it('leaves in the cache what was accepted, so that the next turn reads only what is new', async () => {
    const prompt = tokens(REPEATED);
    for (const kind of [{}, { stop: ['dog'] }, { maxTokens: 7 }]) {
      const scheduler = schedulerOf(ALWAYS);
      const [first] = await answers(scheduler, [{ prompt, maxTokens: 30, ...kind }]);
      const turn = [...prompt, ...first!.ids, ...tokens(' The end.').slice(1)];
      const [next] = await answers(scheduler, [{ prompt: turn, maxTokens: 20 }]);
      expect(next!.cachedTokens).toBe(prompt.length + first!.ids.length - 1);
      const [fresh] = await answers(schedulerOf(OFF), [{ prompt: turn, maxTokens: 20 }]);
      partAtTie(fresh!, next!, turn);
    }
  });

  it('goes on after an answer was cancelled within a draft', async () => {
    const scheduler = schedulerOf(ALWAYS);
    const prompt = tokens(REPEATED);
    const ids: number[] = [];
    const ended = new Promise<FinalPiece>((resolve, reject) =>
      scheduler.add(
        1,
        { prompt, maxTokens: 60 },
        {
          text: (piece) => {
            ids.push(...piece.ids);
            if (ids.length > 8) scheduler.cancel(1);
          },
          end: resolve,
          fail: reject,
        },
      ),
    );
    while (!scheduler.idle) scheduler.step();
    expect((await ended).finishReason).toBe('cancelled');
    const [again] = await answers(scheduler, [{ prompt: [...prompt, ...ids], maxTokens: 10 }]);
    expect(again!.cachedTokens).toBe(prompt.length + ids.length - 1);
    const [fresh] = await answers(schedulerOf(OFF), [{ prompt: [...prompt, ...ids], maxTokens: 10 }]);
    expect(again!.ids).toEqual(fresh!.ids);
  });

  it('works in passes of several adapters as in turns', async () => {
    const requests = [null, 'a', 'b', null].map((adapter, at) => ({
      prompt: [...tokens(REPEATED), 261 + at],
      maxTokens: 70,
      adapter,
      // Half of them have to repeat the story first, so that parts have answers with drafts and others without.
      ...(at % 2 === 0 && { grammar: `root ::= " saw a big dog. ${STORY}" [a-zA-Z ,.]*` }),
    }));
    const plain = await answers(schedulerOf(OFF), requests);
    const scheduler = schedulerOf(ALWAYS, { used: true, reason: 'for this test' });
    const drafted = await answers(scheduler, requests);
    expect(scheduler.reports.mixing).toMatchObject({ used: true });
    expect(scheduler.drafts.lookup.acceptedTokens).toBeGreaterThan(10);
    const equal = plain.filter(({ ids }, at) => ids.join() === drafted[at]!.ids.join());
    console.info(`${equal.length} of 4 texts of mixed passes are equal; ${JSON.stringify(scheduler.drafts.lookup)}`);
    expect(equal.length).toBeGreaterThan(2);
  });

  it('never drafts lists', async () => {
    const scheduler = schedulerOf(ALWAYS);
    const ended = new Promise((resolve, reject) =>
      scheduler.addAll(1, [
        [
          { prompt: tokens(REPEATED), maxTokens: 20 },
          { text: () => {}, end: resolve, fail: reject },
        ],
      ]),
    );
    while (!scheduler.idle) scheduler.step();
    await ended;
    expect(scheduler.drafts.lookup.drafts).toBe(0);
  });
});

describe('the decision to draft', () => {
  it('measures passes, and says from which share on it pays', () => {
    const report = decideSpeculation(model, 'auto');
    expect(report.passes?.map(({ tokens: count }) => count)).toEqual([1, 2, 4, 8, 12, 16]);
    if (report.used) expect(report.reason).toMatch(/^a pass over 16 tokens .*; it pays from \d+% accepted$/);
    expect(decideSpeculation(model, 'off')).toEqual(OFF);
  });

  it('is not against it for good because the machine was busy when passes were measured first', () => {
    let ms = 0;
    const clock = vi.spyOn(process, 'cpuUsage').mockImplementation((before) => ({
      user: 1000 * ms - (before?.user ?? 0),
      system: 0,
    }));
    onTestFinished(() => clock.mockRestore());
    /** Passes of 5 ms, but those over several tokens take as long for each while the machine is busy. */
    const busyFor = (passes: number): Model => {
      let left = passes;
      return {
        ...model,
        decode(entries, hidden) {
          model.decode(entries, hidden);
          ms += left-- > 0 ? 5 * entries.length : 5;
        },
      };
    };
    // One looks whether the cache can go back, then come two rounds of seven passes.
    for (const [passes, used] of [
      [0, true],
      [15, true],
      [100, false],
    ] as const) {
      expect({ passes, used: decideSpeculation(busyFor(passes), 'auto').used }).toEqual({ passes, used });
    }
  });

  it('does not count what other processes take of the cores', () => {
    const interrupted: Model = {
      ...model,
      decode(entries, hidden) {
        model.decode(entries, hidden);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 * entries.length);
      },
    };
    const passes = decideSpeculation(interrupted, 'auto').passes!;
    // Passes of this model take less than 5 ms; those over 16 tokens are interrupted for 160.
    expect(Math.max(...passes.map(({ ms }) => ms))).toBeLessThan(80);
  });

  it('is against it where a cache cannot go back', () => {
    const recurrent = { ...model, truncateSequence: () => false };
    expect(decideSpeculation(recurrent, 'auto')).toEqual({
      used: false,
      reason: "this model's cache cannot give back single tokens",
    });
  });
});
