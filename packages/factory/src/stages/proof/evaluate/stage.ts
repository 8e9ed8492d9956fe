import { join } from 'node:path';
import { Answer, type Question, turnsOf } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { chatPrompt } from '@cogumi/llama';
import { expectedScores } from '@cogumi/teachers';
import { judgePrompt } from '@cogumi/teachers/judging';
import { expectAsked, readAsked } from '../../asked-questions.ts';
import { answerSeconds, ggufBytes, hostBytes, loadSeconds, modelOf } from '../../costs.ts';
import { FALL_GATES, fallGates } from '../../fall-gates.ts';
import { answeringProcesses, openAnswerers } from '../../open-answerers.ts';
import { pairAnswers } from '../../pair-answers.ts';
import { scoreAnswers } from '../../score-answers.ts';
import { defineStage } from '../../stage.ts';
import { goalGateName, goalGates } from './goal-gates.ts';
import { EvaluateStageOptions } from './options.ts';
import { preferAnswers } from './prefer-answers.ts';

/** What the other model of a guard is called, and what to try against a fall. */
const GUARDED = {
  start: {
    other: 'the start model',
    advice:
      'Fine-tuning unlearned something: more rows of this domain in `synthesize`, fewer epochs or a lower rate in `train`.',
  },
  before: { other: 'the model before', advice: 'A lower rate in `repair.train`, or more old rows.' },
};

/** Whether the verdict on an example may block a gate: of any checker but a judge whose passport is missing or has expired. */
function holdsPassport(example: Question['example']): boolean {
  if (example?.check.kind !== 'judge') return true;
  const { compare, passport } = example.check;
  return compare !== 'pairs' && passport === judgePrompt('answers');
}

/** Asks a model, with or without an adapter, and judges and scores its answers: as they stand, or found in prose. */
export const evaluate = defineStage({
  name: 'evaluate',
  version: 7,
  inputs: { gguf: 'gguf', 'adapter?': 'gguf-adapter', questions: 'questions', 'against?': 'answers' },
  output: 'answers',
  options: EvaluateStageOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  gateNames: ({ goals, noFall }) => [
    ...goals.map(({ domain }) => goalGateName(domain)),
    ...(noFall ? [FALL_GATES] : []),
  ],
  workload: ({ domains, maxTokens, sequences }, { questions, gguf, against }) => {
    const model = modelOf(gguf);
    const asked = expectAsked(questions, domains);
    const items = asked.reduce((sum, { count }) => sum + count, 0);
    const processes = answeringProcesses(ggufBytes(model));
    return {
      items,
      unit: 'questions',
      fixedSeconds: 1 + loadSeconds(model),
      // 1 ms to judge an answer, code included (measured).
      secondsPerItem: 0.001 + answerSeconds(model, maxTokens, processes),
      bytes: items * 250,
      // A pair is compared in both orders.
      asks: asked.flatMap(({ judge, count, pairs }) => expectedScores(judge, pairs && against ? 3 * count : count)),
      memory: { models: processes * hostBytes(model, Math.ceil(sequences / processes)) },
    };
  },
  async run(context) {
    const { maxTokens, sequences, domains, goals, noFall, extraction } = context.options;
    const questions = await readAsked(context.input('questions'), domains);
    const adapter = context.optionalInput('adapter');
    const host = await openAnswerers(context, context.input('gguf'), {
      sequences,
      ...(adapter ? { adapters: { modifier: adapter.path('adapter.gguf') } } : {}),
    });

    const completions = await host.completeAll(
      questions.map((question) => ({
        prompt: chatPrompt(host.info, turnsOf(question)),
        adapter: adapter ? 'modifier' : null,
        maxTokens,
        temperature: 0,
      })),
      { onProgress: (done) => context.progress({ done, total: questions.length, unit: 'questions' }) },
    );
    const given = questions.map((question, at) => {
      const { text = '', completionTokens = 0, finishReason = 'stop' } = completions[at] ?? {};
      return { question, answer: text, tokens: completionTokens, finish: finishReason, cut: finishReason === 'length' };
    });
    const requestContext = { stage: 'evaluate', batchable: true, signal: context.signal };
    const verdicts =
      extraction === undefined
        ? (await context.teacherPool.judge(given, requestContext)).map((judgement) => ({
            correct: judgement.correct,
            reason: judgement.correct ? '' : judgement.reason,
          }))
        : await context.teacherPool.judgeModel(given, requestContext);
    const answers = given.map(
      ({ question: { question_id, domain, unseen, example }, answer, tokens, finish }, at): Answer => ({
        ...{ question_id, domain, unseen, answer, tokens, finish },
        ...(verdicts[at] as (typeof verdicts)[number]),
        ...(holdsPassport(example) ? {} : { advice: true }),
      }),
    );
    await writeJsonl(join(context.output, 'answers.jsonl'), answers);
    const unmeasured = answers.filter(({ correct }) => correct === null).length;
    if (unmeasured > 0)
      context.warn(
        `${unmeasured} of ${answers.length} answers have no verdict, since the teacher that judges gave none: they count neither as right nor as wrong.`,
      );

    const against = context.optionalInput('against');
    const theirs = against ? await readAllJsonl(against.path('answers.jsonl'), Answer) : [];
    const pairs = against
      ? await preferAnswers(pairAnswers(answers, theirs), { questions, ours: answers, theirs }, context.teacherPool, {
          ...requestContext,
          tier: null,
        })
      : [];
    return {
      gates: [
        ...goalGates(pairs, goals),
        ...(noFall ? fallGates(pairs, GUARDED[noFall === true ? 'start' : noFall]) : []),
      ],
      facts: { ...scoreAnswers(answers), comparedTo: against?.manifest.key ?? null },
    };
  },
});
