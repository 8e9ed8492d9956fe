import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { pairedRatio } from '@cogumi/pure';
import { hostBytes, loadSeconds, modelOf, PROMPT_TOKENS, sharedReadSeconds } from '../../costs.ts';
import { judgeGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { makePairs } from './make-pairs.ts';
import { MinimalPairsOptions } from './options.ts';
import { questionsNeeded } from './questions-needed.ts';
import { type Bits, readPairs } from './read-pairs.ts';

/** Tokens of an answer (measured: 5 to 40 of the built-in domains). */
const ANSWER_TOKENS = 20;

/** Whether a model prefers right answers to plausible wrong ones as often as another: a comparison without sampling, in pairs. */
export const minimalPairs = defineStage({
  name: 'minimal-pairs',
  version: 1,
  inputs: { gguf: 'gguf', against: 'gguf', questions: 'questions' },
  output: 'pairs',
  options: MinimalPairsOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  gateNames: () => ['right-choices'],
  workload: (_options, { gguf, against, questions }) => {
    const models = [modelOf(gguf), modelOf(against)];
    // Both answers stand behind one prompt, which is read once.
    const tokens = PROMPT_TOKENS + 2 * ANSWER_TOKENS;
    return {
      items: questions?.items ?? 1,
      unit: 'questions',
      fixedSeconds: 1 + models.reduce((sum, model) => sum + loadSeconds(model), 0),
      secondsPerItem: models.reduce((sum, model) => sum + tokens * sharedReadSeconds(model, models.length), 0),
      bytes: (questions?.items ?? 1) * 120,
      memory: { models: models.reduce((sum, model) => sum + hostBytes(model, 1), 0) },
    };
  },
  async run(context) {
    const questions = await readAllJsonl(context.input('questions').path('questions.jsonl'), Question);
    const pairs = makePairs(questions);
    const done = [0, 0];
    // Side by side, one thread each: a second thread in the same pass gives less.
    const [ours, theirs] = (await Promise.all(
      ['gguf', 'against'].map(async (input, at) => {
        const modelPath = context.input(input).path('model.gguf');
        const host = await context.openModel({ modelPath, sequences: 1, threads: 1 });
        return readPairs(host, pairs, (read) => {
          done[at] = read;
          context.progress({ done: Math.min(...done), total: pairs.length, unit: 'questions' });
        });
      }),
    )) as [Bits[], Bits[]];
    await writeJsonl(
      join(context.output, 'pairs.jsonl'),
      pairs.map(({ question_id }, at) => ({ question_id, bits: ours[at], against: theirs[at] })),
    );
    const isRight = ({ right, wrong }: Bits) => right < wrong;
    const outcomes = pairs.map((_, at): [boolean, boolean] => [isRight(ours[at]!), isRight(theirs[at]!)]);
    const found = outcomes.length > 0 ? pairedRatio(outcomes) : { ratio: 0, interval: null, ours: 0, theirs: 0 };
    const bits = (of: readonly Bits[]) => of.reduce((sum, { right }) => sum + right, 0);
    const apart = outcomes.filter(([own, other]) => own !== other).length;
    return {
      gates: [
        judgeGate({
          name: 'right-choices',
          criterion:
            'Questions of which the right answer is likelier than a plausible wrong one, as a multiple of the other model’s',
          bound: 'at-least',
          threshold: context.options.ratio,
          measured: found.ratio,
          interval: found.interval,
          items: outcomes.length,
          nothing: 'nothing to measure: no question has a wrong answer to compare with',
          unit: 'ratio',
          evidence:
            `pairs.jsonl: ${found.ours} right, the other ${found.theirs}, of the same ${outcomes.length} questions, ${apart} of them right in one only; ` +
            'score interval of paired proportions',
          advice: `If inconclusive, more held-out questions: ${questionsNeeded(outcomes, context.options.ratio)}.`,
        }),
      ],
      facts: {
        right: found.ours,
        rightOfOther: found.theirs,
        pairs: outcomes.length,
        apart,
        bitsOfRight: pairs.length > 0 ? bits(ours) / bits(theirs) : null,
      },
    };
  },
});
