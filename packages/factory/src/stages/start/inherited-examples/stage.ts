import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { defineStage } from '../../stage.ts';
import { InheritedExamplesOptions } from './options.ts';

/** Held-out examples of a domain that a bundle brought along: what is added must neither repeat them nor take their route. */
export const inheritedExamples = defineStage({
  name: 'inherited-examples',
  version: 1,
  inputs: { inherited: 'gguf' },
  output: 'questions',
  options: InheritedExamplesOptions,
  cacheInputs: [],
  resumable: false,
  // Their number is known only when the bundle is read; the modifier was evaluated on about so many (chosen).
  workload: ({ domain }) => ({
    ...{ items: 40, unit: 'examples', fixedSeconds: 0.1, secondsPerItem: 0, bytes: 4e4 },
    questions: [{ domain, split: 'test', count: 40, generated: false, judge: null }],
  }),
  async run({ options: { domain }, input, output }) {
    const all = await readAllJsonl(input('inherited').path('held-out.jsonl'), Question);
    const own = all.filter((question) => question.domain === domain);
    await writeJsonl(join(output, 'held-out.jsonl'), own);
    // The adapter that learned them is inherited as it is: none is trained on again.
    await writeJsonl(join(output, 'training.jsonl'), []);
    const licences = [...new Set(own.flatMap(({ example }) => example?.licence ?? []))].sort();
    return { gates: [], facts: { domain, heldOut: own.length, licences }, items: own.length };
  },
});
