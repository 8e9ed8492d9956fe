import { join } from 'node:path';
import { Question, Row } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { defineStage } from '../../stage.ts';
import { mixRows, type RejectedRow } from './mix-rows.ts';
import { MixOptions } from './options.ts';

/** Imported and synthesized rows in, one training set out: no exact repeats, no held-out questions. */
export const mix = defineStage({
  name: 'mix',
  version: 4,
  inputs: { imported: 'rows', synthesized: 'rows', questions: 'questions' },
  output: 'rows',
  options: MixOptions,
  cacheInputs: [],
  resumable: false,
  workload: (_options, { imported, synthesized }) => ({
    items: (imported?.items ?? 0) + (synthesized?.items ?? 0),
    unit: 'rows',
    fixedSeconds: 0.3,
    secondsPerItem: 0.0001,
    bytes: ((imported?.items ?? 0) + (synthesized?.items ?? 0)) * 500,
  }),
  async run({ input, options, random, output }) {
    // Drops score and language, which training does not read.
    const imported = await readAllJsonl(input('imported').path('rows.jsonl'), Row.strip());
    const made = await readAllJsonl(input('synthesized').path('rows.jsonl'), Row);
    const rows = [...imported, ...made];
    const heldOut = await readAllJsonl(input('questions').path('questions.jsonl'), Question);
    const { kept, rejected } = mixRows(rows, heldOut);
    const count = (reason: RejectedRow['reason']) => rejected.filter((one) => one.reason === reason).length;
    const synthesized = new Set(made);
    const broken = rejected.filter(({ row, reason }) => reason === 'held-out' && synthesized.has(row)).length;
    const mixed = random.shuffle(kept);
    const validation = Math.max(1, Math.round(mixed.length * options.validationShare));
    await writeJsonl(
      join(output, 'rejected.jsonl'),
      rejected.map(({ row, reason }) => ({ ...row, reason })),
    );
    await writeJsonl(join(output, 'validation.jsonl'), mixed.slice(0, validation));
    await writeJsonl(join(output, 'train.jsonl'), mixed.slice(validation));
    return {
      gates: [
        {
          name: 'splits-disjoint',
          criterion: 'No question made for training is among the held-out ones',
          bound: 'exactly',
          threshold: 0,
          measured: broken,
          interval: null,
          unit: 'rows',
          evidence: `${rows.length} rows against ${heldOut.length} held-out questions; rejected.jsonl, reason held-out (imported rows are rejected, not counted)`,
          verdict: broken === 0 ? 'pass' : 'fail',
          advice:
            'A generator mixes up its training and test splits: see `source` of the held-out rows in rejected.jsonl.',
        },
      ],
      facts: {
        read: rows.length,
        licences: [...new Set(kept.map(({ licence }) => licence))].sort(),
        rejected: rejected.length,
        reasons: { 'held-out': count('held-out'), repeat: count('repeat') },
        train: kept.length - validation,
        validation,
      },
      items: rows.length,
    };
  },
});
