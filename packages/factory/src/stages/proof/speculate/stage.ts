import { join } from 'node:path';
import { Question, turnsOf } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { chatPrompt } from '@cogumi/llama';
import { linkOrCopy } from '../../../artifacts/link-or-copy.ts';
import { hostBytes, loadSeconds, modelOf, PROMPT_TOKENS, readSeconds, stepSeconds } from '../../costs.ts';
import { judgeGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { meanRatio } from './mean-ratio.ts';
import { expectedShare, measureAcceptance, measureSpeed } from './measure-speed.ts';
import { SpeculateOptions } from './options.ts';

/** Least gain that is worth the memory of a second model (chosen). */
const LEAST_RATIO = 1.05;

/** Answers questions with a draft model and without, as a server does: how much is accepted, and whether answers are faster. */
export const speculate = defineStage({
  name: 'speculate',
  version: 1,
  inputs: { gguf: 'gguf', draft: 'gguf', trained: 'model', questions: 'questions' },
  output: 'gguf',
  options: SpeculateOptions,
  cacheInputs: ['llama'],
  resumable: false,
  gateNames: () => ['faster'],
  workload: ({ prompts, maxTokens }, { gguf, draft }) => {
    const [model, small] = [modelOf(gguf), modelOf(draft)];
    return {
      items: prompts,
      unit: 'questions',
      fixedSeconds: 3 + 3 * loadSeconds(model) + 2 * loadSeconds(small),
      secondsPerItem: 3 * (PROMPT_TOKENS * readSeconds(model) + maxTokens * (stepSeconds(model) + stepSeconds(small))),
      bytes: draft?.bytes ?? 0,
      memory: { models: 3 * hostBytes(model, 1) + 2 * hostBytes(small, 1) },
      model: small,
    };
  },
  sample: (options, items) => ({ ...options, prompts: Math.max(2, Math.min(options.prompts, items)) }),
  async run(context) {
    const { prompts: wanted, maxTokens, draftTokens } = context.options;
    const [modelPath, draftPath] = [context.input('gguf'), context.input('draft')].map((file) =>
      file.path('model.gguf'),
    );
    const file = { modelPath: modelPath!, sequences: 1, threads: 'measured', speculate: 'auto' } as const;
    const hosts = {
      without: await context.openModel(file),
      with: await context.openModel({ ...file, draftPath: draftPath! }),
    };
    const questions = await readAllJsonl(context.input('questions').path('questions.jsonl'), Question);
    const { info } = hosts.without;
    const asked = context.random.sample(questions, Math.min(wanted, questions.length));
    const prompts: number[][] = [];
    for (const question of asked) {
      prompts.push(await hosts.without.tokenize(chatPrompt(info, turnsOf(question)), { special: true }));
    }
    const pairs = await measureSpeed(hosts, prompts, maxTokens, (done) =>
      context.progress({ done, total: prompts.length, unit: 'questions' }),
    );
    const { speculation, drafts } = await hosts.with.statistics();
    const admission = (speculation.draft ?? speculation).reason;
    const fixed = await context.openModel({ ...file, draftPath: draftPath!, draftTokens });
    const accepted = await measureAcceptance(fixed, prompts, maxTokens);

    const { overlap, agreement } = context.input('trained').manifest.facts as { overlap: number; agreement: number };
    const predicted = expectedShare(agreement, draftTokens);
    const { ratio, interval } =
      pairs.length < 2 ? { ratio: 0, interval: null } : meanRatio(pairs.map((one) => one.with / one.without));
    const rate = (of: 'with' | 'without') => pairs.reduce((sum, pair) => sum + pair[of], 0) / Math.max(1, pairs.length);
    const percent = (share: number) => `${(100 * share).toFixed(0)}%`;
    await linkOrCopy(draftPath!, join(context.output, 'model.gguf'));
    return {
      gates: [
        judgeGate({
          name: 'faster',
          criterion: 'Answers with the draft model come faster than without, by 5%',
          bound: 'at-least',
          threshold: LEAST_RATIO,
          // Where the draft model drafted nothing, a difference is noise.
          ...(drafts.draft.drafts === 0 ? { measured: 1 } : { measured: ratio, interval }),
          items: pairs.length < 2 ? 0 : pairs.length,
          unit: 'ratio of tokens per second',
          evidence:
            `${pairs.length} answers in turn, ${rate('without').toFixed(1)} and ${rate('with').toFixed(1)} tokens/s; ` +
            `of ${accepted.compared} drafted tokens ${percent(accepted.share)} accepted, ${percent(agreement)} predicted; ${admission}`,
          advice:
            'Train the draft model longer, or with another number of `draft.layers`. Without it the bundle has none.',
        }),
      ],
      facts: {
        base: context.input('gguf').digest('model.gguf'),
        parameters: context.input('draft').manifest.facts.parameters ?? 0,
        type: context.input('draft').manifest.facts.type ?? 'unknown',
        ...{ overlap, agreement, accepted: accepted.share, compared: accepted.compared, draftTokens },
        ...{ predictedOfDrafts: predicted, acceptedOfDrafts: accepted.ofDrafts },
        ...{ ratio, tokensPerSecond: rate('with'), tokensPerSecondWithout: rate('without') },
        ...{ admission, used: speculation.draft?.used ?? false, drafts: drafts.draft.drafts },
      },
    };
  },
});
