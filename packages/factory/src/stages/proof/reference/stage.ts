import { join } from 'node:path';
import { Answer } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { z } from 'zod';
import { scoreAnswers } from '../../score-answers.ts';
import { defineStage } from '../../stage.ts';
import { pickBetter } from './pick-better.ts';

/** The answers of two models in, in each domain those of the better one out: what later models are measured against. */
export const reference = defineStage({
  name: 'reference',
  version: 2,
  inputs: { start: 'answers', tuned: 'answers' },
  output: 'answers',
  options: z.strictObject({}),
  cacheInputs: [],
  resumable: false,
  workload: (_options, { tuned }) => ({
    ...{ items: tuned?.items ?? 0, unit: 'answers', fixedSeconds: 0.1, secondsPerItem: 0 },
    bytes: tuned?.bytes ?? 0,
  }),
  async run({ input, output }) {
    const read = (name: string) => readAllJsonl(input(name).path('answers.jsonl'), Answer);
    const { answers, from } = pickBetter(await read('start'), await read('tuned'));
    await writeJsonl(join(output, 'answers.jsonl'), answers);
    return { gates: [], facts: { ...scoreAnswers(answers), from } };
  },
});
