import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { countQuestions } from '@cogumi/teachers';
import { findHeldOut } from '../../held-out-questions.ts';
import { sampleDomains } from '../../sample-counts.ts';
import { defineStage, type ExpectedQuestions } from '../../stage.ts';
import { QuestionsOptions } from './options.ts';

/**
 * Counts in, exactly so many checkable questions out; those for testing share no fact with those for training. The examples of
 * domains of one's own follow, of their held-out or their training part. What is held out, or near-equal to a held-out example,
 * is left out where these questions are trained on.
 */
export const questions = defineStage({
  name: 'questions',
  version: 5,
  inputs: { 'examples.*': 'questions', 'heldOut?': 'questions', 'against.*': 'questions' },
  output: 'questions',
  options: QuestionsOptions,
  cacheInputs: ['teachers'],
  resumable: false,
  workload: ({ domains, split }, inputs) => {
    const own = Object.entries(inputs).filter(([name]) => name.startsWith('examples.'));
    const made = Object.entries(domains).map(
      ([domain, { easy, hard }]): ExpectedQuestions => ({
        ...{ domain, split, count: easy + hard, generated: true, judge: null },
      }),
    );
    const given = own.flatMap(([, input]) => input.questions ?? []);
    const questions = [...made, ...given.filter((one) => one.split === split)];
    const items = questions.reduce((sum, { count }) => sum + count, 0);
    return { items, unit: 'questions', fixedSeconds: 0.1, secondsPerItem: 0.0005, bytes: items * 600, questions };
  },
  sample: (options, items) => ({ ...options, domains: sampleDomains(options.domains, items) }),
  async run({ options, inputsUnder, optionalInput, teacherPool, seed, output, progress, warn, signal }) {
    const total = countQuestions(options.domains);
    const { domains, split, unseenShare, without = [] } = options;
    const made = await teacherPool.makeQuestions(
      { domains, split, unseenShare, seed, takes: (task) => !without.includes(task) },
      signal,
      (done) => progress({ done, total, unit: 'questions' }),
    );
    const file = options.split === 'test' ? 'held-out.jsonl' : 'training.jsonl';
    const given = [...inputsUnder('examples').values()].map((input) => readAllJsonl(input.path(file), Question));
    const all = [...made, ...(await Promise.all(given)).flat()];
    const heldOut = optionalInput('heldOut');
    const match = await findHeldOut(
      heldOut ? await readAllJsonl(heldOut.path('questions.jsonl'), Question) : [],
      inputsUnder('against').values(),
    );
    const questions = all.filter(({ question }) => match(question) === null);
    const leftOut = all.length - questions.length;
    if (leftOut > 0)
      warn(`${leftOut} questions are not trained on, since they are held out or near-equal to a held-out example.`);
    await writeJsonl(join(output, 'questions.jsonl'), questions);
    const byDomain = Object.fromEntries(
      [...Map.groupBy(questions, ({ domain }) => domain)].map(([domain, own]) => [domain, own.length]),
    );
    return { gates: [], facts: { split: options.split, questions: questions.length, byDomain, leftOut } };
  },
});
