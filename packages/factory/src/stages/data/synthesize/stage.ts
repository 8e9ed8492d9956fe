import { join } from 'node:path';
import { writeJsonl } from '@cogumi/data/formats';
import { toRow } from '@cogumi/data/rows';
import {
  countByDifficulty,
  countQuestions,
  createAnswerCheck,
  describeShares,
  expectedAnswers,
  expectedQuestions,
  expectedScores,
  expectedSharedAnswers,
  mostCommonReason,
  warnOfShortfalls,
  writeQuestions,
} from '@cogumi/teachers';
import { judgeGate } from '../../judge-gate.ts';
import { sampleDomains } from '../../sample-counts.ts';
import { defineStage } from '../../stage.ts';
import { answerQuestions } from './answer-questions.ts';
import { SynthesizeOptions } from './options.ts';

/** Counts in, training rows out: questions are generated or written, teachers answer them, and every kept answer is checked. */
export const synthesize = defineStage({
  name: 'synthesize',
  version: 9,
  inputs: {},
  output: 'rows',
  options: SynthesizeOptions,
  cacheInputs: ['teachers'],
  resumable: false,
  gateNames: () => ['counts-exact'],
  workload: ({ domains, teachers, corrector, tiers, judge, questions }) => {
    const items = countQuestions(domains);
    const counts = countByDifficulty(domains);
    return {
      items,
      unit: 'questions',
      fixedSeconds: 2,
      secondsPerItem: 0.002,
      bytes: items * 500,
      asks: [
        ...expectedQuestions(questions.writer, items),
        ...expectedScores(questions.scorer, questions.writer === null ? 0 : items),
        ...(tiers.length > 0 ? expectedAnswers(tiers, counts) : expectedSharedAnswers(teachers, corrector, counts)),
        ...expectedScores(judge, questions.writer === null ? 0 : items),
        // Without a judge every tier but the last is asked for a free answer twice.
        ...(questions.writer !== null && judge === null ? expectedAnswers(tiers.slice(0, -1), counts) : []),
      ],
    };
  },
  sample: (options, items) => ({ ...options, domains: sampleDomains(options.domains, items) }),
  async run({ options, teacherPool, seed, random, output, progress, warn, signal }) {
    const { domains, questions: source, judge, minScore, without = [] } = options;
    const total = countQuestions(domains);
    const report = (unit: string) => (done: number) => progress({ done, total, unit });
    const { questions, rejected: rejectedQuestions } = source.writer
      ? await writeQuestions({ ...options, ...source, writer: source.writer }, teacherPool, {
          stage: 'synthesize',
          signal,
          onProgress: report('questions written'),
        })
      : // Drawn from a random stream of its own: the modifiers' seed prompts come from the same split.
        {
          questions: await teacherPool.makeQuestions(
            {
              domains,
              split: 'train',
              unseenShare: 0,
              seed: `${seed}/synthesize`,
              takes: (task) => !without.includes(task),
            },
            signal,
          ),
          rejected: [],
        };
    const check = createAnswerCheck(teacherPool, { judge, minScore }, { stage: 'synthesize', signal });
    const { answered, rejected, tiers } = await answerQuestions(
      random.shuffle(questions),
      options,
      check,
      teacherPool,
      signal,
      report('questions'),
    );
    for (const message of warnOfShortfalls(tiers, rejected)) warn(message);
    const rows = answered
      .map(({ question, reply }) => toRow(question, reply.answer as string, reply.reasoning, reply.teacher))
      .sort((left, right) => (left.question_id < right.question_id ? -1 : 1));
    await writeJsonl(join(output, 'rows.jsonl'), rows);
    await writeJsonl(join(output, 'rejected.jsonl'), rejected);
    await writeJsonl(join(output, 'rejected-questions.jsonl'), rejectedQuestions);
    return {
      gates: [
        judgeGate({
          name: 'counts-exact',
          criterion: 'Every requested question has a checked answer',
          bound: 'exactly',
          threshold: total,
          measured: rows.length,
          items: total,
          unit: 'rows',
          evidence: `rows.jsonl, ${total} requested; accepted by teacher: ${describeShares(tiers)}; ${rejected.length} rejected replies are in rejected.jsonl${mostCommonReason(rejected)}`,
          advice: 'Set a better `synthesize.corrector`, or a better last entry of `synthesize.tiers`.',
        }),
      ],
      facts: { rows: rows.length, rejected: rejected.length, rejectedQuestions: rejectedQuestions.length, tiers },
    };
  },
});
