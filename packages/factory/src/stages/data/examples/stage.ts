import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { withWriters, writeJsonl } from '@cogumi/data/formats';
import { expectRows } from '@cogumi/data/import';
import { groupNearEqual } from '../../near-equal.ts';
import { defineStage, downloadBytesOf } from '../../stage.ts';
import { ExamplesOptions } from './options.ts';
import { promptOfPassport } from './prompt-of-passport.ts';
import { readExamples } from './read-examples.ts';
import { LEAST_TRAINING, type Split, splitExamples } from './split-examples.ts';
import { usableExamples } from './usable-examples.ts';

/** Of a question with a short answer (measured: examples/support has 152). */
const BYTES_AN_EXAMPLE = 200;
/** A sample of fewer could not be split in a way that trains and tests. */
const LEAST_SAMPLE = 8;

/** Examples of a domain in, held-out questions and training questions out, each with its answer and how others are judged. */
export const examples = defineStage({
  name: 'examples',
  version: 4,
  inputs: { 'documents?': 'rows', 'passport?': 'passport' },
  output: 'questions',
  options: ExamplesOptions,
  // Every example's own answer is judged.
  cacheInputs: ['teachers'],
  resumable: false,
  workload: ({ domain, examples: sources, heldOut, checker }, { documents }, sourceSizes) => {
    const rows = sources.map((source, at) =>
      Math.min(source.take ?? Infinity, expectRows(source, sourceSizes[String(at)]?.bytes, BYTES_AN_EXAMPLE)),
    );
    const items = rows.reduce((sum, count) => sum + count, documents?.items ?? 0);
    const judge = checker.kind === 'judge' ? checker.teacher : null;
    const count = Math.ceil(items * heldOut);
    const pairs = checker.kind === 'judge' && checker.compare === 'pairs';
    const shared = { domain, generated: false, judge, ...(pairs ? { pairs } : {}) };
    return {
      items,
      unit: 'examples',
      fixedSeconds: 0.3,
      secondsPerItem: 0.0002,
      bytes: items * 800,
      downloadBytes: downloadBytesOf(sourceSizes),
      questions: [
        { ...shared, split: 'test', count },
        { ...shared, split: 'train', count: items - count },
      ],
    };
  },
  sample: (options, items) => {
    const most = Math.max(items, LEAST_SAMPLE);
    return {
      ...options,
      examples: options.examples.map((source) => ({ ...source, take: Math.min(source.take ?? most, most) })),
    };
  },
  async run(context) {
    const { options, output, seed, warn } = context;
    const passport = await promptOfPassport(context);
    const { usable, rejected, reasons } = await withWriters(
      { rejects: join(output, 'rejected.jsonl') },
      async ({ rejects }) => usableExamples({ ...context, passport }, await readExamples(context, rejects), rejects),
    );
    const standsFor = groupNearEqual(usable.map(({ question }) => question));
    const split = splitExamples(usable, standsFor, options.heldOut, seed);
    const why = commonest(reasons);
    refuseTooFew(options, split, rejected, why);
    if (rejected > 0) warn(`${rejected} examples of ${options.domain} are left out${why}: rejected.jsonl has each.`);
    await writeJsonl(join(output, 'held-out.jsonl'), split.heldOut);
    await writeJsonl(join(output, 'training.jsonl'), split.training);
    return {
      gates: [],
      facts: {
        domain: options.domain,
        checker: options.checker.kind,
        examples: usable.length,
        rejected,
        heldOut: split.heldOut.length,
        training: split.training.length,
        nearEqual: standsFor.filter((place, at) => place !== at).length,
        licences: [...new Set(usable.flatMap(({ example }) => example?.licence ?? []))].sort(),
      },
      items: usable.length + rejected,
    };
  },
});

/** @throws CogumiError EXAMPLES_TOO_FEW: what cannot be tested or trained on is found out before anything is built. */
function refuseTooFew({ domain, heldOut }: ExamplesOptions, split: Split, rejected: number, why: string): void {
  if (split.heldOut.length >= 1 && split.training.length >= LEAST_TRAINING) return;
  const usable = split.heldOut.length + split.training.length;
  throw new CogumiError(
    'EXAMPLES_TOO_FEW',
    `Of ${usable} usable examples of ${domain} ${split.heldOut.length} are held out and ${split.training.length} left to train on; at least 1 and ${LEAST_TRAINING} are needed. ${rejected} were left out${why}.`,
    `Add examples, or change \`domains.${domain}.heldOut\` (${heldOut}).`,
    { exitCode: EXIT.usage },
  );
}

/** The reason that most examples were left out for, as the end of a sentence; empty where there is none. */
function commonest(reasons: readonly string[]): string {
  const groups = [...Map.groupBy(reasons, (reason) => reason)].sort(
    ([, left], [, right]) => right.length - left.length,
  );
  const [most] = groups;
  return most ? `, ${most[1].length} of them since each ${most[0]}` : '';
}
