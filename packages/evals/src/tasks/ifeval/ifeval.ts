import { z } from 'zod';
import type { RowFile } from '../../rows/read-rows.ts';
import { rowError } from '../../rows/row-error.ts';
import { strip } from '../../scoring/python-text.ts';
import type { GenerationItem, Scores, Task, TaskOptions } from '../task.ts';
import { ARGUMENTS, type InstructionId } from './arguments.ts';
import { CHECKS, type CheckTools } from './checks.ts';

/** A row of IFEval (Zhou et al. 2023): a prompt, and the instructions in it with their arguments. */
export const IfevalRow = z.object({
  key: z.int(),
  prompt: z.string().min(1),
  instruction_id_list: z.array(z.string()).min(1),
  kwargs: z.array(z.record(z.string(), z.unknown())),
});
export type IfevalRow = z.infer<typeof IfevalRow>;

/** lm-eval's `max_gen_toks` of its task. */
const MAX_TOKENS = 1280;

/**
 * IFEval with lm-eval's prompts and scores: for each prompt whether all instructions were followed, and for each instruction whether it
 * was; `strict`, and `loose` where the answer counts also without its first or last line and without asterisks. Two checks are not those of lm-eval,
 * which draws lots there: the language of an answer, and the count of a sign that is no letter.
 *
 * @throws CogumiError EVAL_KEY for an instruction that is unknown or has not the arguments that it needs.
 */
export function ifeval(
  { path, rows }: RowFile<IfevalRow>,
  tools: CheckTools,
  { limit = Number.POSITIVE_INFINITY }: TaskOptions = {},
): Task {
  const items = rows.slice(0, limit).map((row, at): GenerationItem => {
    const instructions = row.instruction_id_list.map((id, place) => {
      const given = row.kwargs[place];
      if (!Object.hasOwn(ARGUMENTS, id)) {
        throw rowError(
          'EVAL_KEY',
          path,
          at,
          `is one of the ${Object.keys(ARGUMENTS).length} instructions`,
          `is ${JSON.stringify(id)}`,
        );
      }
      if (given === undefined) {
        throw rowError(
          'EVAL_KEY',
          path,
          at,
          `has arguments for each of ${row.instruction_id_list.length} instructions`,
          `has ${row.kwargs.length}`,
        );
      }
      const parsed = ARGUMENTS[id as InstructionId].safeParse(given);
      const issue = parsed.error?.issues[0];
      if (issue) {
        const argument = issue.path.join('.');
        throw rowError(
          'EVAL_KEY',
          path,
          at,
          `has the arguments of ${id}`,
          `has ${JSON.stringify(given[String(issue.path[0])]) ?? 'none'} as ${argument}: ${issue.message}`,
        );
      }
      return { id: id as InstructionId, given: parsed.data };
    });
    return {
      id: `ifeval-${row.key}`,
      group: null,
      request: { kind: 'generate', prompt: row.prompt, stop: [], maxTokens: MAX_TOKENS },
      score: (answer) => scoreIfeval(answer, instructions, tools),
    };
  });
  return { name: 'ifeval', harness: { task: 'ifeval', version: 4 }, shots: 0, metric: null, items };
}

/** With arguments that were parsed by the schema of the same instruction. */
type AnyCheck = (text: string, given: unknown, tools: CheckTools) => boolean;

function scoreIfeval(
  answer: string,
  instructions: readonly { readonly id: InstructionId; readonly given: unknown }[],
  tools: CheckTools,
): Scores {
  const follows = (texts: readonly string[]) =>
    instructions.map(({ id, given }) =>
      Number(texts.some((text) => strip(text) !== '' && (CHECKS[id] as AnyCheck)(text, given, tools))),
    );
  const [strict, loose] = [follows([answer]), follows(looseTexts(answer))];
  const all = (each: readonly number[]) => Number(!each.includes(0));
  return {
    prompt_level_strict_acc: all(strict),
    inst_level_strict_acc: strict,
    prompt_level_loose_acc: all(loose),
    inst_level_loose_acc: loose,
  };
}

/** An answer as it is, without its first line, its last, or both, and each of these without asterisks. */
function looseTexts(answer: string): string[] {
  const lines = answer.split('\n');
  const cut = [lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)].map((left) => strip(left.join('\n')));
  return [answer, ...cut].flatMap((text) => [text, text.replaceAll('*', '')]);
}
