import { join } from 'node:path';
import { type RatingPrompts, ratingPrompts } from '@cogumi/teachers/judging';
import { z } from 'zod';
import { noData, type RowFile, readRows } from '../../rows/read-rows.ts';
import { rowError } from '../../rows/row-error.ts';
import { findFiles, type Splits, splitPath } from '../find-data.ts';
import type { Sampling } from '../task.ts';

const QuestionRow = z.object({
  question_id: z.int(),
  category: z.string().min(1),
  turns: z.tuple([z.string().min(1), z.string().min(1)]),
});
const ReferenceRow = z.object({
  question_id: z.int(),
  choices: z.tuple([z.object({ turns: z.array(z.string()).min(1) })], z.unknown()),
});

/** FastChat's temperature of answers by category. */
const TEMPERATURES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ writing: 0.7, roleplay: 0.7, stem: 0.1, humanities: 0.1 },
    ...{ extraction: 0, math: 0, coding: 0, reasoning: 0 },
  }),
);
/** FastChat's, of a category that it does not know. */
const OTHER_TEMPERATURE = 0.7;
/** Categories whose reference answers FastChat shows the judge. */
const WITH_REFERENCE = ['math', 'reasoning', 'coding'];
/** FastChat's `max_new_token`. */
export const MAX_ANSWER_TOKENS = 1024;

/** A question of two turns; the second is asked with the answer to the first. */
export interface MtBenchQuestion {
  readonly id: string;
  readonly category: string;
  readonly turns: readonly [string, string];
  /** Right answers to both turns, for the judge to see; null: there are none. */
  readonly references: readonly string[] | null;
  /** null: always the most likely token. */
  readonly sampling: Sampling | null;
}

/** MT-Bench (Zheng et al. 2023), ready to be asked: a judge rates each answer from 1 to 10. */
export interface MtBench {
  readonly questions: readonly MtBenchQuestion[];
  readonly prompts: RatingPrompts;
}

/**
 * Reads MT-Bench from FastChat's files: `question.jsonl`, `judge_prompts.jsonl` beside it or in the folder above, and
 * `reference_answer/gpt-4.jsonl` or `reference_answer_gpt4.jsonl` where it is there.
 *
 * @param data - The folder with the files, or with a folder `mt_bench` that has them.
 * @throws CogumiError EVAL_DATA, EVAL_ROW, EVAL_KEY, JUDGE_PROMPTS.
 */
export async function loadMtBench(data: string, limit = Number.POSITIVE_INFINITY): Promise<MtBench> {
  const files = await findFiles(data, 'mt_bench');
  const hint = 'Take the files as FastChat publishes them (fastchat/llm_judge/data): mt_bench and judge_prompts.jsonl.';
  const asked = await readRows(splitPath(files, 'question', 'to ask', hint), QuestionRow);
  const promptsPath = files.get('judge_prompts') ?? (await filesIn(data)).get('judge_prompts');
  if (promptsPath === undefined) throw noData(`${data} has no judge_prompts.jsonl, by which a judge is asked.`, hint);
  const { rows } = await readRows(promptsPath, z.unknown());
  const references = await readReferences(data, files);
  const questions = asked.rows.slice(0, limit).map((row, at) => questionOf(row, references, { path: asked.path, at }));
  return { questions, prompts: ratingPrompts(rows, promptsPath) };
}

/** Reference answers by question. */
async function readReferences(data: string, files: Splits): Promise<RowFile<z.infer<typeof ReferenceRow>> | null> {
  const beside = files.get('reference_answer_gpt4');
  const folders = [join(data, 'mt_bench', 'reference_answer'), join(data, 'reference_answer')];
  const found = await Promise.all(folders.map(filesIn));
  const path = beside ?? found.flatMap((each) => each.get('gpt-4') ?? [])[0];
  return path === undefined ? null : readRows(path, ReferenceRow);
}

function questionOf(
  { question_id: id, category, turns }: z.infer<typeof QuestionRow>,
  references: RowFile<z.infer<typeof ReferenceRow>> | null,
  { path, at }: { readonly path: string; readonly at: number },
): MtBenchQuestion {
  const reference = WITH_REFERENCE.includes(category)
    ? references?.rows.find(({ question_id: other }) => other === id)?.choices[0].turns
    : undefined;
  if (reference !== undefined && reference.length !== turns.length) {
    throw rowError('EVAL_KEY', path, at, `has ${turns.length} reference answers`, `has ${reference.length}`);
  }
  const temperature = TEMPERATURES.get(category) ?? OTHER_TEMPERATURE;
  return {
    ...{ id: `mt_bench-${id}`, category, turns, references: reference ?? null },
    // FastChat's seed is the number of the answer to a question, of which there is one.
    sampling: temperature === 0 ? null : { temperature, topP: 1, seed: 0 },
  };
}

const filesIn = (folder: string): Promise<Splits> => findFiles(folder, '').catch(() => new Map());
