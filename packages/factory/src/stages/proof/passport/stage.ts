import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAllRecords } from '@cogumi/data/formats';
import { expectedScores } from '@cogumi/teachers';
import { checkJudge, describePassport, readLabels, sampleLabels } from '@cogumi/teachers/judging';
import { defineStage } from '../../stage.ts';
import { PassportOptions } from './options.ts';

/** Compares a judge with people: only one that holds a passport may block a gate. */
export const passport = defineStage({
  name: 'passport',
  version: 1,
  inputs: {},
  output: 'passport',
  options: PassportOptions,
  cacheInputs: [],
  resumable: false,
  workload: ({ teacher, limit, samples }) => ({
    items: limit,
    unit: 'labels',
    fixedSeconds: 0.3,
    secondsPerItem: 0.01,
    bytes: 5000,
    // Pairs are asked about in both orders.
    asks: expectedScores(teacher, limit * (2 + (samples < 2 ? 0 : samples))),
  }),
  async run({ options, sources, output, teacherPool, signal, progress, warn }) {
    const { teacher, minScore, limit, samples } = options;
    const path = sources.labels as string;
    const read = readLabels(await readAllRecords(path), { name: path, minScore });
    const labels = sampleLabels(read, limit);
    const found = await checkJudge(
      teacherPool,
      { teacher, labels, samples },
      {
        ...{ stage: 'passport', tier: null, batchable: true, signal },
        onProgress: (done) => progress({ done, total: labels.items.length, unit: 'labels' }),
      },
    );
    await writeFile(join(output, 'passport.json'), `${JSON.stringify(found, null, 1)}\n`);
    const { verdict, agreement, kappa, form, items } = found;
    if (verdict !== 'valid')
      warn(`${teacher} holds no passport as a judge of ${form} (${describePassport(found)}): its verdicts are advice.`);
    return { gates: [], facts: { teacher, verdict, form, items, agreement, kappa }, items };
  },
});
