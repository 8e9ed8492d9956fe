import { z } from 'zod';
import type { RowFile } from '../rows/read-rows.ts';
import { rowError } from '../rows/row-error.ts';
import { argmax } from '../scoring/argmax.ts';
import type { ChoiceItem, Task, TaskOptions } from './task.ts';
import examples from './truthfulqa-examples.json' with { type: 'json' };

const Targets = z.object({
  choices: z.array(z.string().min(1)).min(2),
  labels: z.array(z.union([z.literal(0), z.literal(1)])),
});

/** A row of TruthfulQA's multiple choice (Lin et al. 2022); the first choice of `mc1_targets` is its right one. */
export const TruthfulQaRow = z.object({ question: z.string().min(1), mc1_targets: Targets, mc2_targets: Targets });
export type TruthfulQaRow = z.infer<typeof TruthfulQaRow>;

/**
 * TruthfulQA with lm-eval's prompts: the question behind the six examples of its authors, and the likelihood of whole answers. `truthfulqa_mc1`:
 * the likeliest is right; `truthfulqa_mc2`: the share of the probability that the right ones have.
 *
 * @throws CogumiError EVAL_KEY where the labels do not fit the choices.
 */
export function truthfulQa(
  name: 'truthfulqa_mc1' | 'truthfulqa_mc2',
  { path, rows }: RowFile<TruthfulQaRow>,
  { limit = Number.POSITIVE_INFINITY }: TaskOptions = {},
): Task {
  const shown = examples.map(({ question, answer }) => `Q: ${question}\nA: ${answer}\n\n`).join('');
  const items = rows.slice(0, limit).map((row, at): ChoiceItem => {
    const { choices, labels } = name === 'truthfulqa_mc1' ? row.mc1_targets : row.mc2_targets;
    if (labels.length !== choices.length) {
      throw rowError('EVAL_KEY', path, at, `has a label for each of ${choices.length} choices`, `has ${labels.length}`);
    }
    if (name === 'truthfulqa_mc1' ? labels.indexOf(1) !== 0 || labels.lastIndexOf(1) !== 0 : !labels.includes(1)) {
      throw rowError('EVAL_KEY', path, at, 'marks the first choice as the right one', `is [${labels.join(', ')}]`);
    }
    return {
      id: `${name}-${at}`,
      group: null,
      request: {
        kind: 'choose',
        context: `${shown}Q: ${row.question}\nA:`,
        choices: choices.map((choice) => ` ${choice}`),
      },
      score: (logLikelihoods) => ({
        acc: name === 'truthfulqa_mc1' ? Number(argmax(logLikelihoods) === 0) : rightShare(logLikelihoods, labels),
      }),
    };
  });
  const version = name === 'truthfulqa_mc1' ? 2 : 3;
  return { name, harness: { task: name, version }, shots: 0, metric: null, items };
}

/** 0..1; 0 where no choice has a probability that a number can hold, which lm-eval leaves undefined. */
function rightShare(logLikelihoods: readonly number[], labels: readonly number[]): number {
  const probabilities = logLikelihoods.map(Math.exp);
  const all = probabilities.reduce((sum, one) => sum + one, 0);
  const right = probabilities.reduce((sum, one, at) => sum + (labels[at] === 1 ? one : 0), 0);
  return all === 0 ? 0 : right / all;
}
