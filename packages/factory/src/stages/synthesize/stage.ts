import { join } from 'node:path';
import { writeJsonl } from '../../artifacts/jsonl.ts';
import { defineStage } from '../../stage/stage.ts';
import { toRow } from '../../teachers/to-row.ts';
import { answerQuestions } from './answer-questions.ts';
import { SynthesizeOptions } from './options.ts';

/** Counts in, training rows out: questions are made, teachers answer by share, and no unchecked answer stays. */
export const synthesize = defineStage({
  name: 'synthesize',
  version: 4,
  inputs: {},
  output: 'rows',
  options: SynthesizeOptions,
  relies: ['teachers'],
  resumable: false,
  workload: ({ domains }) => {
    const items = Object.values(domains).reduce((sum, { easy, hard }) => sum + easy + hard, 0);
    return { items, unit: 'questions', fixedSeconds: 2, secondsPerItem: 0.002, bytes: items * 500, money: 0 };
  },
  async run({ options, faculty, seed, random, output, progress, signal }) {
    const questions = await faculty.makeQuestions(
      // Drawn apart from the modifiers' probes, which are of the same split.
      { domains: options.domains, split: 'train', unseenShare: 0, seed: `${seed}/synthesize` },
      signal,
    );
    const total = questions.length;
    const { answered, setAside, byTeacher } = await answerQuestions(
      random.shuffle(questions),
      options,
      faculty,
      signal,
      (done) => progress({ done, total, unit: 'questions' }),
    );
    const rows = answered
      .map(({ question, reply }) => toRow(question, reply.answer as string, reply.reasoning, reply.teacher))
      .sort((left, right) => (left.question_id < right.question_id ? -1 : 1));
    await writeJsonl(join(output, 'rows.jsonl'), rows);
    await writeJsonl(join(output, 'set-aside.jsonl'), setAside);
    return {
      gates: [
        {
          name: 'counts-exact',
          criterion: 'Every question asked for has a checked answer',
          bound: 'exactly',
          threshold: total,
          measured: rows.length,
          interval: null,
          unit: 'rows',
          evidence: 'rows.jsonl; replies that failed the check are in set-aside.jsonl with the reason',
          verdict: rows.length === total ? 'pass' : 'fail',
          advice: 'Name a better `synthesize.corrector`.',
        },
      ],
      facts: { rows: rows.length, setAside: setAside.length, byTeacher },
    };
  },
});
