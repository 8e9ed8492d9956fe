import { Question, Samples } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { toRow } from '@cogumi/data/rows';
import { judgeGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { writeTrainingSet } from '../../write-training-set.ts';
import { chooseAnswer } from './choose-answer.ts';
import { VoteOptions } from './options.ts';

/** A model's own samples in, rows that teach it to say one thing out: what is right, or what most samples say. */
export const vote = defineStage({
  name: 'vote',
  version: 1,
  inputs: { samples: 'samples', questions: 'questions' },
  output: 'rows',
  options: VoteOptions,
  cacheInputs: [],
  resumable: false,
  gateNames: () => ['rows-to-learn'],
  workload: (_options, { questions }) => ({
    ...{ items: questions?.items ?? 0, unit: 'questions', fixedSeconds: 0.2, secondsPerItem: 0.0002 },
    bytes: (questions?.items ?? 0) * 500,
  }),
  async run({ input, options, random, output }) {
    const asked = new Map(
      (await readAllJsonl(input('questions').path('questions.jsonl'), Question)).map((one) => [one.question_id, one]),
    );
    const samples = await readAllJsonl(input('samples').path('samples.jsonl'), Samples);
    const chosen = samples.flatMap((own) => {
      const answer = chooseAnswer(own, options, random);
      const question = asked.get(own.question_id);
      return answer && question ? [{ question, answer }] : [];
    });
    const rows = chosen.map(({ question, answer }) => toRow(question, answer.answer, null, 'self'));
    const { train } = await writeTrainingSet(output, random.shuffle(rows), options.validationShare);
    const right = chosen.filter(({ answer }) => answer.correct).length;
    return {
      gates: [
        judgeGate({
          name: 'rows-to-learn',
          criterion: 'The model gave answers that it can be taught to repeat',
          ...{ bound: 'at-least', threshold: 1, measured: train, unit: 'rows' },
          evidence: `${chosen.length} of ${samples.length} questions have an answer by ${options.by}, ${right} of them a right one`,
          advice: 'Draw more samples, or let teachers answer (`distill`): the model knows too little of this domain.',
        }),
      ],
      facts: {
        ...{ asked: samples.length, chosen: chosen.length, right },
        licences: [...new Set(rows.map(({ licence }) => licence))].sort(),
      },
      items: samples.length,
    };
  },
});
