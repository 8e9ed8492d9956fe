import { join } from 'node:path';
import { Question, Row } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { defineStage } from '../../stage.ts';
import { mixRows } from './mix-rows.ts';
import { MixOptions } from './options.ts';

/** Rows from everywhere in, one training set out: no exact repeats, nothing that the held-out questions ask. */
export const mix = defineStage({
  name: 'mix',
  version: 3,
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
    // Scores and languages have done their work.
    const imported = await readAllJsonl(input('imported').path('rows.jsonl'), Row.strip());
    const made = await readAllJsonl(input('synthesized').path('rows.jsonl'), Row);
    const rows = [...imported, ...made];
    const heldOut = await readAllJsonl(input('questions').path('questions.jsonl'), Question);
    const { kept, repeats, leaked } = mixRows(rows, heldOut);
    const own = new Set(made);
    const ownLeaks = leaked.filter((row) => own.has(row)).length;
    const mixed = random.shuffle(kept);
    const validation = Math.max(1, Math.round(mixed.length * options.validationShare));
    await writeJsonl(join(output, 'leaked.jsonl'), leaked);
    await writeJsonl(join(output, 'validation.jsonl'), mixed.slice(0, validation));
    await writeJsonl(join(output, 'train.jsonl'), mixed.slice(validation));
    return {
      gates: [
        {
          name: 'splits-disjoint',
          criterion: 'No question made for training is among the held-out ones',
          bound: 'exactly',
          threshold: 0,
          measured: ownLeaks,
          interval: null,
          unit: 'rows',
          evidence: `${rows.length} rows against ${heldOut.length} held-out questions; leaked.jsonl (imported ones are left out, not counted)`,
          verdict: ownLeaks === 0 ? 'pass' : 'fail',
          advice: 'A generator breaks the split of its keys: look at `source` of the rows in leaked.jsonl.',
        },
      ],
      facts: {
        read: rows.length,
        licences: [...new Set(kept.map(({ licence }) => licence))].sort(),
        repeats,
        leaked: leaked.length,
        train: kept.length - validation,
        validation,
      },
      items: rows.length,
    };
  },
});
