import { join } from 'node:path';
import { writeJsonl } from '@cogumi/data/formats';
import { countQuestions } from '@cogumi/teachers';
import { sampleDomains } from '../../sample-counts.ts';
import { defineStage } from '../../stage.ts';
import { QuestionsOptions } from './options.ts';

/** Counts in, exactly so many checkable questions out; those for testing share no fact with those for training. */
export const questions = defineStage({
  name: 'questions',
  version: 3,
  inputs: {},
  output: 'questions',
  options: QuestionsOptions,
  cacheInputs: ['teachers'],
  resumable: false,
  workload: (options) => ({
    items: countQuestions(options.domains),
    unit: 'questions',
    fixedSeconds: 0.1,
    secondsPerItem: 0.0005,
    bytes: countQuestions(options.domains) * 600,
  }),
  sample: (options, items) => ({ ...options, domains: sampleDomains(options.domains, items) }),
  async run({ options, teacherPool, seed, output, progress, signal }) {
    const total = countQuestions(options.domains);
    const made = await teacherPool.makeQuestions({ ...options, seed }, signal, (done) =>
      progress({ done, total, unit: 'questions' }),
    );
    await writeJsonl(join(output, 'questions.jsonl'), made);
    const byDomain = Object.fromEntries(
      [...Map.groupBy(made, ({ domain }) => domain)].map(([domain, own]) => [domain, own.length]),
    );
    return { gates: [], facts: { split: options.split, questions: made.length, byDomain } };
  },
});
