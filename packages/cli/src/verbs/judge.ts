import { writeFile } from 'node:fs/promises';
import { EXIT } from '@cogumi/contracts';
import { readAllRecords } from '@cogumi/data/formats';
import {
  type AnswerScale,
  checkJudge,
  type Labels,
  ratingPrompts,
  ratingScale,
  readLabels,
  sampleLabels,
} from '@cogumi/teachers/judging';
import { openPool } from '../eval/open-endpoint.ts';
import { judgeOf } from '../eval/open-judge.ts';
import { dollars, priceOf } from '../eval/read-price.ts';
import { tellPassport } from '../judge/describe-passport.ts';
import { UsageError, wholeNumber } from '../parse-call.ts';
import { STORE_OPTION, storeOf } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

/** Items that the check takes by default (chosen: an agreement of 0.8 is then known to within 0.06). */
const LIMIT = 200;
const SAMPLES = 3;

const EXIT_OF = { valid: EXIT.done, refused: EXIT.gateFailed, undecided: EXIT.inconclusive } as const;

export const verb = defineVerb({
  usage: '<provider:model> --labels <file> [options]',
  details:
    'Compares a judge with people before its verdicts may block a gate. Labels are pairs of answers of which people said which is\n' +
    'better, or answers that they found good or bad. Pairs are judged in both orders. Exits with 2 if the judge is refused, with 4 if\n' +
    'the labels cannot tell. Replies are kept in the store: a check that was stopped goes on where it stopped, and nothing is bought twice.',
  positionals: { min: 1, max: 1 },
  options: {
    labels: { type: 'string', value: '<file>', describe: 'what people said: JSON Lines, JSON, CSV or Parquet' },
    'min-score': { type: 'string', value: '<1..10>', describe: 'least score of a good answer; default 7' },
    prompts: {
      type: 'string',
      value: '<file>',
      describe: "FastChat's judge_prompts.jsonl: answers are rated as in MT-Bench, for `cogumi eval --passport`",
    },
    samples: {
      type: 'string',
      value: '<number>',
      describe: `verdicts an item that are drawn to see whether they are equal; 0: none; default ${SAMPLES}`,
    },
    limit: { type: 'string', value: '<number>', describe: `most items, drawn by chance; default ${LIMIT}` },
    budget: { type: 'string', value: '<USD>', describe: 'most that the check may cost; default 0' },
    price: {
      type: 'string',
      value: '<in,out>',
      describe: 'its price in USD per million tokens, of prompts and answers; default: as it is known',
    },
    output: { type: 'string', value: '<file>', describe: 'write the passport there, as JSON' },
    ...STORE_OPTION,
  },
  async run({ positionals: [name = ''], options, json, signal }) {
    const teacher = judgeOf(name);
    if (options.labels === undefined)
      throw new UsageError('No labels were named.', 'For example: --labels labels.jsonl');
    const number = (option: 'min-score' | 'samples' | 'limit', fallback: number, least: number, most: number) =>
      options[option] === undefined ? fallback : wholeNumber(option, options[option], least, most);
    const minScore = number('min-score', 7, 1, 10);
    const samples = number('samples', SAMPLES, 0, 20);
    const limit = number('limit', LIMIT, 1, 1e6);
    const price = priceOf(options.price);
    const budget = dollars('budget', options.budget ?? '0');
    // Labels that cannot be used are refused before anything is paid for.
    const read = readLabels(await readAllRecords(options.labels), { name: options.labels, minScore });
    const labels = sampleLabels(read, limit);
    const scale = options.prompts === undefined ? undefined : await readScale(options.prompts, labels);
    const run = `judge ${new Date().toISOString()} ${process.pid}`;
    const pool = await openPool(teacher, { store: storeOf(options), run, budget, price }, signal);
    try {
      const context = { stage: 'judge', tier: null, batchable: false, signal };
      const passport = await checkJudge(pool, { teacher, labels, samples, ...(scale && { scale }) }, context);
      if (options.output !== undefined) await writeFile(options.output, `${JSON.stringify(passport, null, 1)}\n`);
      console.log(json ? JSON.stringify(passport) : tellPassport(passport));
      return EXIT_OF[passport.verdict];
    } finally {
      await pool.close();
    }
  },
});

/** @throws UsageError for labels of pairs; CogumiError JUDGE_PROMPTS. */
async function readScale(path: string, { form }: Labels): Promise<AnswerScale> {
  if (form === 'answers') return ratingScale(ratingPrompts(await readAllRecords(path), path));
  throw new UsageError(
    'The labels are pairs of answers, which --prompts does not judge: it rates single answers.',
    'Name labels of single answers, or leave out --prompts.',
  );
}
