import { join } from 'node:path';
import { Question, Row } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { exampleRow } from '@cogumi/data/rows';
import type { InputArtifact } from '../../context.ts';
import { findHeldOut } from '../../held-out-questions.ts';
import { judgeGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { writeTrainingSet } from '../../write-training-set.ts';
import { mixRows, type RejectedRow } from './mix-rows.ts';
import { MixOptions } from './options.ts';

/** Imported and synthesized rows and training examples in, one training set out: no exact repeats, no held-out questions. */
export const mix = defineStage({
  name: 'mix',
  version: 7,
  inputs: { imported: 'rows', synthesized: 'rows', 'examples.*': 'questions', questions: 'questions' },
  output: 'rows',
  options: MixOptions,
  cacheInputs: [],
  resumable: false,
  gateNames: () => ['splits-disjoint'],
  workload: (_options, { questions: _heldOut, ...inputs }) => {
    const counts = Object.values(inputs).flatMap(({ questions, items }) =>
      questions ? questions.filter(({ split }) => split === 'train').map(({ count }) => count) : [items],
    );
    const items = counts.reduce((sum, count) => sum + count, 0);
    return { items, unit: 'rows', fixedSeconds: 0.3, secondsPerItem: 0.0001, bytes: items * 500 };
  },
  async run({ input, inputsUnder, options, random, output, warn }) {
    // Drops score and language, which training does not read.
    const imported = await readAllJsonl(input('imported').path('rows.jsonl'), Row.strip());
    const made = await readAllJsonl(input('synthesized').path('rows.jsonl'), Row);
    const domains = [...inputsUnder('examples').values()];
    const given = await Promise.all(domains.map(readExamples));
    const examples = given.flat();
    const rows = [...imported, ...made, ...examples];
    const heldOut = await readAllJsonl(input('questions').path('questions.jsonl'), Question);
    const { kept, rejected } = mixRows(rows, await findHeldOut(heldOut, domains));
    const count = (reason: RejectedRow['reason']) => rejected.filter((one) => one.reason === reason).length;
    const own = new Set([...made, ...examples]);
    const broken = rejected.filter(({ row, reason }) => reason === 'held-out' && own.has(row)).length;
    const near = rejected.filter(({ row, reason }) => reason === 'near-held-out' && own.has(row)).length;
    if (near > 0)
      warn(
        `${near} rows are not trained on, since their questions are near-equal to held-out ones of a domain of the recipe.`,
      );
    const mixed = random.shuffle(kept);
    await writeJsonl(
      join(output, 'rejected.jsonl'),
      rejected.map(({ row, reason }) => ({ ...row, reason })),
    );
    const { train, validation } = await writeTrainingSet(output, mixed, options.validationShare);
    return {
      gates: [
        judgeGate({
          name: 'splits-disjoint',
          criterion: 'No question made or given for training is among the held-out ones',
          bound: 'exactly',
          threshold: 0,
          measured: broken,
          items: Math.min(own.size, heldOut.length),
          unit: 'rows',
          evidence: `${own.size} rows made or given, of ${rows.length}, against ${heldOut.length} held-out questions; rejected.jsonl, reason held-out (imported rows are rejected, not counted)`,
          advice:
            'A generator mixes up its training and test splits: see `source` of the held-out rows in rejected.jsonl.',
        }),
      ],
      facts: {
        read: rows.length,
        licences: [...new Set(kept.map(({ licence }) => licence))].sort(),
        rejected: rejected.length,
        reasons: { 'held-out': count('held-out'), 'near-held-out': count('near-held-out'), repeat: count('repeat') },
        train,
        validation,
      },
      items: rows.length,
    };
  },
});

/** The training part of a domain's examples, with the answers that they came with. */
async function readExamples(input: InputArtifact): Promise<Row[]> {
  const questions = await readAllJsonl(input.path('training.jsonl'), Question);
  return questions.flatMap((question) => (question.example ? [exampleRow(question, question.example)] : []));
}
