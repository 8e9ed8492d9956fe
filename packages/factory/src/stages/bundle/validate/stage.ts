import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Question, turnsOf } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { EXTRACTION_VERSION, expectedScores } from '@cogumi/teachers';
import { hostBytes, loadSeconds, modelOf, PROMPT_TOKENS, readSeconds, stepSeconds } from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { ValidateOptions } from './options.ts';
import { type Sample, servingGates } from './serving-gates.ts';

/** Serves the finished bundle and queries it: it verifies, answers, and uses each of its routes. */
export const validate = defineStage({
  name: 'validate',
  // Answers are found in prose as `evaluate` finds them.
  version: 3 + EXTRACTION_VERSION,
  inputs: { bundle: 'bundle', questions: 'questions' },
  output: 'validation',
  options: ValidateOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  gateNames: () => ['verified', 'answers', 'routes'],
  workload: ({ samples }, { bundle, questions }) => {
    const asked = (questions?.questions ?? []).map((own) => ({ ...own, count: Math.min(samples, own.count) }));
    const model = modelOf(bundle);
    return {
      items: asked.reduce((sum, { count }) => sum + count, 0),
      unit: 'questions',
      fixedSeconds: 1.5 + loadSeconds(model),
      secondsPerItem: 0.05 + PROMPT_TOKENS * readSeconds(model) + PROMPT_TOKENS * stepSeconds(model),
      bytes: 1e4,
      asks: asked.flatMap(({ judge, count }) => expectedScores(judge, count)),
      memory: { models: hostBytes(model, 4) },
    };
  },
  async run(context) {
    const bundle = context.input('bundle');
    const server = await context.serveBundle(bundle.path('bundle.cogumi'));
    const questions = await readAllJsonl(context.input('questions').path('questions.jsonl'), Question);
    const byDomain = Map.groupBy(questions, ({ domain }) => domain);
    const picked = [...byDomain.values()].flatMap((own) => context.random.sample(own, context.options.samples));

    const samples: Sample[] = [];
    for (const [at, question] of picked.entries()) {
      const { answer, route } = await server.ask(turnsOf(question));
      const [judgement] = await context.teacherPool.judgeModel([{ question, answer, cut: false }], {
        stage: 'validate',
        batchable: false,
        signal: context.signal,
      });
      samples.push({
        question_id: question.question_id,
        question: question.question,
        route,
        answer,
        correct: judgement?.correct ?? null,
      });
      context.progress({ done: at + 1, total: picked.length, unit: 'questions' });
    }
    await server.close();
    await writeFile(join(context.output, 'samples.json'), `${JSON.stringify(samples, null, 1)}\n`);

    const { digest, modifiers } = bundle.manifest.facts as { digest: string; modifiers: string[] };
    return {
      gates: servingGates({ served: server.digest, expected: digest, modifiers, samples }),
      facts: { samples, routesUsed: [...new Set(samples.map(({ route }) => route))].sort() },
    };
  },
});
