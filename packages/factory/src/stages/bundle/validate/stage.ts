import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Gate, Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { defineStage } from '../../stage.ts';
import { ValidateOptions } from './options.ts';

/** The finished file in, proof out that it verifies, serves in a process of its own and answers, by each of its routes. */
export const validate = defineStage({
  name: 'validate',
  version: 2,
  inputs: { bundle: 'bundle', questions: 'questions' },
  output: 'validation',
  options: ValidateOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  workload: ({ samples }) => ({
    items: samples * 8,
    unit: 'questions',
    fixedSeconds: 2,
    secondsPerItem: 0.1,
    bytes: 1e4,
  }),
  async run(context) {
    const bundle = context.input('bundle');
    const server = await context.serveBundle(bundle.path('bundle.cogumi'));
    const questions = await readAllJsonl(context.input('questions').path('questions.jsonl'), Question);
    const byDomain = Map.groupBy(questions, ({ domain }) => domain);
    const picked = [...byDomain.values()].flatMap((own) => context.random.sample(own, context.options.samples));

    const samples: { question_id: string; question: string; route: string; answer: string; correct: boolean }[] = [];
    for (const [at, question] of picked.entries()) {
      const { answer, route } = await server.ask(question.question);
      const [judgement] = await context.teacherPool.judge([{ question, answer }]);
      samples.push({
        question_id: question.question_id,
        question: question.question,
        route,
        answer,
        correct: judgement?.correct === true,
      });
      context.progress({ done: at + 1, total: picked.length, unit: 'questions' });
    }
    await server.close();
    await writeFile(join(context.output, 'samples.json'), `${JSON.stringify(samples, null, 1)}\n`);

    const wanted = bundle.manifest.facts.digest;
    const modifiers = bundle.manifest.facts.modifiers as string[];
    const used = new Set(samples.map(({ route }) => route));
    const answered = samples.filter(({ answer }) => answer.trim() !== '').length;
    const gate = (
      name: string,
      criterion: string,
      holds: boolean,
      measured: number,
      threshold: number,
      evidence: string,
    ): Gate => ({
      name,
      criterion,
      bound: 'exactly',
      threshold,
      measured,
      interval: null,
      unit: '',
      evidence,
      verdict: holds ? 'pass' : 'fail',
      advice: 'Look at samples.json and at the log of the run.',
    });
    return {
      gates: [
        gate(
          'verified',
          'The server has checked every byte and names the same digest',
          server.digest === wanted,
          Number(server.digest === wanted),
          1,
          `digest ${server.digest}`,
        ),
        gate(
          'answers',
          'The served bundle answers every sample',
          answered === samples.length,
          answered,
          samples.length,
          'samples.json',
        ),
        gate(
          'routes',
          'Every modifier of the bundle answers a sample',
          modifiers.every((name) => used.has(name)),
          modifiers.filter((name) => used.has(name)).length,
          modifiers.length,
          'samples.json; how often the route is right: gates of `route`',
        ),
      ],
      facts: { samples, routesUsed: [...used].sort() },
    };
  },
});
