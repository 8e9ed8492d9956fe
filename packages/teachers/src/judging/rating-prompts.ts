import { CogumiError, EXIT } from '@cogumi/contracts';
import { hashJson } from '@cogumi/pure';
import { z } from 'zod';
import type { ChatCall } from '../provider.ts';

/** A record of FastChat's `judge_prompts.jsonl`. */
export const RatingTemplate = z.object({
  name: z.string(),
  system_prompt: z.string(),
  prompt_template: z.string(),
  output_format: z.string(),
});
export type RatingTemplate = z.infer<typeof RatingTemplate>;

/** Names of its prompts for one answer, by turn; `math` shows the reference answer, for every category that has one. */
const NAMES = {
  plain: ['single-v1', 'single-v1-multi-turn'],
  math: ['single-math-v1', 'single-math-v1-multi-turn'],
} as const;

const HINT = 'Take judge_prompts.jsonl as FastChat publishes it (fastchat/llm_judge/data).';

/** FastChat's `max_tokens` of a judge. */
const MOST_TOKENS = 2048;

/** The prompts by which a judge rates one answer from 1 to 10 (Zheng et al. 2023). */
export type RatingPrompts = Readonly<Record<keyof typeof NAMES, readonly [RatingTemplate, RatingTemplate]>>;

/** A dialogue of two turns, or its first turn. */
export interface RatedDialogue {
  readonly turns: readonly string[];
  /** One for each turn that has been answered. */
  readonly answers: readonly string[];
  /** Right answers to both turns; null: there are none. */
  readonly references: readonly string[] | null;
}

/**
 * Takes the prompts for single answers from the records of FastChat's `judge_prompts.jsonl`.
 *
 * @param path - For messages.
 * @throws CogumiError JUDGE_PROMPTS if one is missing or asks for no `[[rating]]`.
 */
export function ratingPrompts(records: readonly unknown[], path: string): RatingPrompts {
  const templates = records.flatMap((record) => RatingTemplate.safeParse(record).data ?? []);
  const find = (name: string): RatingTemplate => {
    const found = templates.find((template) => template.name === name);
    if (found?.output_format === '[[rating]]') return found;
    const has = templates.map((template) => template.name).join(', ') || 'none';
    throw new CogumiError(
      'JUDGE_PROMPTS',
      found
        ? `The prompt ${name} of ${path} asks for ${found.output_format} and not for [[rating]].`
        : `${path} has no prompt ${name}; it has ${has}.`,
      HINT,
      { exitCode: EXIT.usage },
    );
  };
  const both = ([first, second]: readonly [string, string]) => [find(first), find(second)] as const;
  return { plain: both(NAMES.plain), math: both(NAMES.math) };
}

/** SHA-256 of the prompts: what a passport holds for. */
export function ratingPromptsHash(prompts: RatingPrompts): string {
  return hashJson(prompts);
}

/** What FastChat asks a judge about the last answer of a dialogue. */
export function ratingCall(
  prompts: RatingPrompts,
  { turns, answers, references }: RatedDialogue,
): Omit<ChatCall, 'model'> {
  const at = answers.length - 1;
  const template = prompts[references === null ? 'plain' : 'math'][at];
  if (template === undefined) throw new RangeError(`${answers.length} answers: a dialogue has one or two`);
  const values: Record<string, string | undefined> = {
    ...{ question: turns[0], question_1: turns[0], question_2: turns[1] },
    ...{ answer: answers[0], answer_1: answers[0], answer_2: answers[1] },
    ...{ ref_answer_1: references?.[0], ref_answer_2: references?.[1] },
  };
  return {
    messages: [
      { role: 'system', content: template.system_prompt },
      { role: 'user', content: fill(template, values) },
    ],
    ...{ maxTokens: MOST_TOKENS, temperature: 0, schema: null, question: null },
  };
}

/** @throws CogumiError JUDGE_PROMPTS for a name in braces that is none of the values. */
function fill(
  { name, prompt_template: template }: RatingTemplate,
  values: Readonly<Record<string, string | undefined>>,
): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value !== undefined) return value;
    throw new CogumiError(
      'JUDGE_PROMPTS',
      `The prompt ${name} asks for {${key}}, which this turn has not; it has ${Object.keys(values).join(', ')}.`,
      HINT,
      { exitCode: EXIT.usage },
    );
  });
}

const RATING = /\[\[(\d+\.?\d*)\]\]/;
const LOOSE_RATING = /\[(\d+\.?\d*)\]/;

/**
 * The rating in a judge's reply as FastChat reads it: the first number in double brackets, otherwise the first in single ones. One that is
 * off the scale, which FastChat takes as it is, is none.
 *
 * @returns 1..10; null: there is none.
 */
export function readRating(reply: string | null): number | null {
  const found = RATING.exec(reply ?? '') ?? LOOSE_RATING.exec(reply ?? '');
  const rating = Number(found?.[1]);
  return rating >= 1 && rating <= 10 ? rating : null;
}
