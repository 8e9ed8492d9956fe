import { join } from 'node:path';
import { Answer, type Gate, Question } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { chatPrompt } from '@cogumi/llama';
import { judgeAtLeast, pairedRatio } from '@cogumi/pure';
import { defineStage } from '../../stage.ts';
import { EvaluateStageOptions } from './options.ts';
import { scoreAnswers } from './score-answers.ts';

/** A model (with or without an adapter) and questions in, its answers with exact verdicts and the score out. */
export const evaluate = defineStage({
  name: 'evaluate',
  version: 2,
  inputs: { gguf: 'gguf', 'adapter?': 'gguf-adapter', questions: 'questions', 'against?': 'answers' },
  output: 'answers',
  options: EvaluateStageOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  workload: ({ domains }, { questions }) => ({
    // By how many of the eight domains count; an exam is about evenly spread.
    items: Math.ceil((questions?.items ?? 0) * ((domains?.length ?? 8) / 8)),
    unit: 'questions',
    fixedSeconds: 2,
    secondsPerItem: 0.012,
    bytes: (questions?.items ?? 0) * 250,
  }),
  async run(context) {
    const { maxTokens, sequences, domains, goals } = context.options;
    const all = await readAllJsonl(context.input('questions').path('questions.jsonl'), Question);
    const questions = domains ? all.filter(({ domain }) => domains.includes(domain)) : all;
    const adapter = context.optionalInput('adapter');
    const host = await context.openModel({
      modelPath: context.input('gguf').path('model.gguf'),
      sequences,
      ...(adapter ? { adapters: { modifier: adapter.path('adapter.gguf') } } : {}),
    });

    const completions = await host.completeAll(
      questions.map(({ question }) => ({
        prompt: chatPrompt(host.info, [{ role: 'user', content: question }]),
        adapter: adapter ? 'modifier' : null,
        maxTokens,
        temperature: 0,
      })),
      { onProgress: (done) => context.progress({ done, total: questions.length, unit: 'questions' }) },
    );
    const judged = await context.teacherPool.judge(
      questions.map((question, at) => ({ question, answer: completions[at]?.text ?? '' })),
    );
    const answers = questions.map((question, at): Answer => {
      const judgement = judged[at];
      return {
        question_id: question.question_id,
        domain: question.domain,
        unseen: question.unseen,
        answer: completions[at]?.text ?? '',
        tokens: completions[at]?.completionTokens ?? 0,
        finish: completions[at]?.finishReason ?? 'stop',
        correct: judgement?.correct === true,
        reason: judgement && !judgement.correct ? judgement.reason : '',
      };
    });
    await writeJsonl(join(context.output, 'answers.jsonl'), answers);

    const against = context.optionalInput('against');
    const theirs = new Map(
      against
        ? (await readAllJsonl(against.path('answers.jsonl'), Answer)).map((answer) => [
            answer.question_id,
            answer.correct,
          ])
        : [],
    );
    const unasked = goals.length > 0 ? answers.find(({ question_id }) => !theirs.has(question_id)) : undefined;
    if (unasked) throw new RangeError(`the model it is held against was never asked ${unasked.question_id}`);
    const gates = goals.map(({ domain, ratio }): Gate => {
      const pairs = answers
        .filter((answer) => domain === null || answer.domain === domain)
        .map((answer): [boolean, boolean] => [answer.correct, theirs.get(answer.question_id) as boolean]);
      const measured = pairedRatio(pairs);
      return {
        name: `against-${domain ?? 'all'}`,
        criterion: `Right answers as a multiple of what the model it is held against gets right (${domain ?? 'all domains'})`,
        bound: 'at-least',
        threshold: ratio,
        measured: measured.ratio,
        interval: measured.interval,
        unit: 'ratio',
        evidence: `answers.jsonl: ${measured.ours} right, the other ${measured.theirs}, of the same ${measured.pairs} questions; score interval of paired proportions`,
        // Where neither gets anything right there is nothing to compare.
        verdict:
          measured.ours + measured.theirs === 0
            ? 'inconclusive'
            : judgeAtLeast(ratio, measured.ratio, measured.interval),
        advice:
          'More or better training data for this domain, or more steps; with `inconclusive`, more held-out questions.',
      };
    });
    return { gates, facts: { ...scoreAnswers(answers), comparedTo: against?.manifest.key ?? null } };
  },
});
