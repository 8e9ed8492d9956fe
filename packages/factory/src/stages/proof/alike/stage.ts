import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { normaliseText } from '@cogumi/pure';
import { TASKS } from '@cogumi/teachers/procedural';
import { drawGenerated, type Kind, readTexts, readUnused } from '../../draw-questions.ts';
import { findHeldOut } from '../../held-out-questions.ts';
import { shareOut } from '../../share-out.ts';
import { defineStage, type ExpectedQuestions } from '../../stage.ts';
import { AlikeOptions } from './options.ts';

/** Held-out questions in, others like them out: the same number of each domain, its tasks and difficulties in their shares. */
export const alike = defineStage({
  name: 'alike',
  version: 2,
  inputs: { questions: 'questions', 'against.*': 'questions', 'trained.*': 'rows', 'apart.*': 'questions' },
  output: 'questions',
  options: AlikeOptions,
  cacheInputs: ['teachers'],
  resumable: false,
  workload: ({ questions: each }, { questions: heldOut }) => {
    const questions = [...Map.groupBy(heldOut?.questions ?? [], ({ domain }) => domain)].map(
      ([domain, own]): ExpectedQuestions => ({
        ...{ domain, split: 'train', count: each, generated: own.every(({ generated }) => generated) },
        judge: own[0]?.judge ?? null,
      }),
    );
    const items = each * questions.length;
    return { items, unit: 'questions', fixedSeconds: 0.2, secondsPerItem: 0.0005, bytes: items * 600, questions };
  },
  sample: (options, items) => ({ ...options, questions: Math.min(options.questions, items) }),
  async run({ options, input, inputsUnder, teacherPool, seed, output, warn, signal }) {
    const { questions: each, unseenShare, ownShare, part, round } = options;
    const heldOut = await readAllJsonl(input('questions').path('questions.jsonl'), Question);
    const apart = await readTexts(inputsUnder('apart').values());
    const unused = await readUnused(inputsUnder('against'), inputsUnder('trained').values(), apart);
    const match = await findHeldOut(heldOut, inputsUnder('against').values());
    const isNew = ({ question }: Question) => !apart.has(normaliseText(question)) && match(question) === null;
    const draw = { split: 'train', unseenShare, seed: `${seed}/${part}/${round}`, teacherPool, signal } as const;

    const made: Question[] = [];
    const short: string[] = [];
    for (const [domain, own] of Map.groupBy(heldOut, (question) => question.domain)) {
      const kinds = [...Map.groupBy(own, ({ task, difficulty }) => `${task} ${difficulty}`).values()];
      const generated = kinds.filter(([first]) => TASKS.has(first!.task));
      const shares =
        generated.length === 0
          ? []
          : shareOut(
              each,
              generated.map(({ length }) => length),
            );
      const found: Question[] = [];
      for (const [at, [first]] of generated.entries())
        if (shares[at]! > 0) found.push(...(await drawGenerated(first as Kind, shares[at]!, draw)).filter(isNew));
      if (generated.length === 0) {
        const left = (unused.get(domain) ?? []).filter(isNew);
        found.push(...left.slice(0, Math.min(each, Math.floor(ownShare * left.length))));
      }
      if (found.length < each / 2) short.push(`${domain} ${found.length}`);
      // Numbers of new questions begin anew in each request.
      const named = found.map((question) => ({
        ...question,
        question_id: `${part}-${round}-${question.task}-${question.question_id}`,
      }));
      made.push(...named);
    }
    if (short.length > 0)
      warn(`Fewer than half of ${each} new questions for a domain: ${short.join(', ')}. No more can be had.`);
    await writeJsonl(join(output, 'questions.jsonl'), made);
    const byDomain = Object.fromEntries(
      [...Map.groupBy(made, ({ domain }) => domain)].map(([domain, own]) => [domain, own.length]),
    );
    return {
      gates: [],
      facts: { split: 'train', targeted: true, questions: made.length, byDomain },
      items: made.length,
    };
  },
});
