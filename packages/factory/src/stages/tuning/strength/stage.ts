import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Question, type Strength, turnsOf } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { chatPrompt } from '@cogumi/llama';
import { expectedScores } from '@cogumi/teachers';
import { answerSeconds, ggufBytes, hostBytes, loadSeconds, modelOf } from '../../costs.ts';
import { answeringProcesses, openAnswerers } from '../../open-answerers.ts';
import type { AnswerPair } from '../../pair-answers.ts';
import { defineStage } from '../../stage.ts';
import { StrengthOptions } from './options.ts';
import { tallyFalls } from './tally-falls.ts';

/** What is merged where there is no question to try by: what the authors of WiSE-FT advise (Wortsman et al. 2022, section 3). */
const UNTRIED = 0.5;

const ADAPTER = 'change';

/** Shares of an adapter's change that a plan expects to be tried. */
const EXPECTED_TRIES = 2;

/** An adapter in, the share of its change out that is to be merged: the strongest with which no domain falls on new questions. */
export const strength = defineStage({
  name: 'strength',
  version: 1,
  inputs: { gguf: 'gguf', adapter: 'gguf-adapter', questions: 'questions' },
  output: 'strength',
  options: StrengthOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  workload: ({ maxTokens, sequences, strengths }, { questions, gguf }) => {
    const model = modelOf(gguf);
    const processes = answeringProcesses(ggufBytes(model));
    const times = 1 + Math.min(EXPECTED_TRIES, strengths.length);
    const items = times * (questions?.items ?? 0);
    return {
      ...{ items, gives: 1, unit: 'questions', fixedSeconds: 1 + loadSeconds(model), bytes: 4000 },
      secondsPerItem: 0.001 + answerSeconds(model, maxTokens, processes),
      asks: (questions?.questions ?? []).flatMap(({ judge, count }) => expectedScores(judge, times * count)),
      memory: { models: processes * hostBytes(model, Math.ceil(sequences / processes)) },
    };
  },
  async run(context) {
    const { maxTokens, sequences, strengths } = context.options;
    const questions = await readAllJsonl(context.input('questions').path('questions.jsonl'), Question);
    const tried: { strength: number; domains: ReturnType<typeof tallyFalls> }[] = [];
    const ordered = strengths.toSorted((one, other) => other - one);
    if (questions.length > 0) {
      const host = await openAnswerers(context, context.input('gguf'), {
        ...{ sequences, adapters: { [ADAPTER]: context.input('adapter').path('adapter.gguf') } },
      });
      const total = (1 + ordered.length) * questions.length;
      let asked = 0;
      const verdictsWith = async (share: number | null) => {
        const completions = await host.completeAll(
          questions.map((question) => ({
            ...{ prompt: chatPrompt(host.info, turnsOf(question)), maxTokens, temperature: 0 },
            ...(share === null ? { adapter: null } : { adapter: ADAPTER, adapterScale: share }),
          })),
          { onProgress: (done) => context.progress({ done: asked + done, total, unit: 'questions' }) },
        );
        asked += questions.length;
        const given = questions.map((question, at) => {
          const { text = '', finishReason = 'stop' } = completions[at] ?? {};
          return { question, answer: text, cut: finishReason === 'length' };
        });
        const request = { stage: 'strength', batchable: true, signal: context.signal };
        return (await context.teacherPool.judgeModel(given, request)).map(({ correct }) => correct);
      };
      const before = await verdictsWith(null);
      for (const share of ordered) {
        const after = await verdictsWith(share);
        const pairs = questions.map(
          ({ domain }, at): AnswerPair => ({ domain, ours: after[at] ?? null, theirs: before[at] ?? null }),
        );
        const domains = tallyFalls(pairs);
        tried.push({ strength: share, domains });
        if (!domains.some(({ falls }) => falls)) break;
      }
    }
    const chosen = tried.at(-1)?.strength ?? ordered.find((share) => share <= UNTRIED) ?? ordered.at(-1)!;
    const result: Strength = { schema: 1, strength: chosen, tried };
    await writeFile(join(context.output, 'strength.json'), `${JSON.stringify(result, null, 1)}\n`);
    return { gates: [], facts: { strength: chosen, tried }, items: (1 + tried.length) * questions.length };
  },
});
