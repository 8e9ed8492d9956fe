import { z } from 'zod';
import { readCalls } from '../../python/read-calls.ts';
import { entryOf, type PythonValue, readJson } from '../../python/values.ts';
import { parseRow, readText } from '../../rows/read-rows.ts';
import { rowError } from '../../rows/row-error.ts';
import { PYTHON_SPACE } from '../../scoring/python-text.ts';
import type { GenerationItem, Scores, Task, TaskOptions } from '../task.ts';
import { areRight, type FunctionDescription, KNOWN_TYPES, type RightCall } from './check-calls.ts';
import instructions from './instructions.json' with { type: 'json' };

/** Categories of BFCL v4 (Patil et al. 2025) whose calls of Python functions are compared with right ones. */
export const BFCL_CATEGORIES = ['simple_python', 'multiple', 'parallel', 'parallel_multiple'].flatMap((name) => [
  name,
  `live_${name.replace('_python', '')}`,
]);

const parameter = z.object({ type: z.enum(KNOWN_TYPES), items: z.object({ type: z.string() }).optional() });
const BfclRow = z.object({
  id: z.string().min(1),
  question: z.array(z.array(z.object({ role: z.string(), content: z.string() })).min(1)).min(1),
  function: z
    .array(
      z.object({
        name: z.string().min(1),
        parameters: z.object({
          properties: z.record(z.string(), parameter),
          required: z.array(z.string()).default([]),
        }),
      }),
    )
    .min(1),
});

/** The files of a category. */
export interface BfclFiles {
  readonly questions: string;
  readonly answers: string;
}

/** Most tokens of an answer (chosen): the longest right answers have 300. */
const MAX_TOKENS = 512;

/**
 * BFCL v4 with the prompts of its models without function calling: the instructions and functions, then the question. Categories are
 * groups.
 *
 * @param options - `limit` counts in each category.
 * @throws CogumiError EVAL_DATA, EVAL_ROW; EVAL_KEY where a question has no right answer, or one of another function.
 */
export async function bfcl(
  files: ReadonlyMap<string, BfclFiles>,
  { limit = Number.POSITIVE_INFINITY }: TaskOptions = {},
): Promise<Task> {
  const items: GenerationItem[] = [];
  for (const [category, paths] of files) items.push(...(await readCategory(category, paths, limit)));
  return { name: 'bfcl', harness: null, shots: 0, metric: null, items };
}

async function readCategory(
  category: string,
  { questions, answers }: BfclFiles,
  limit: number,
): Promise<GenerationItem[]> {
  const rightOf = new Map((await linesOf(answers)).map((line, at) => readRight(answers, at, line)));
  return (await linesOf(questions)).slice(0, limit).map((line, at): GenerationItem => {
    const row = parseRow(questions, at, parse(questions, at, line), BfclRow);
    const right = rightOf.get(row.id);
    if (!right) throw rowError('EVAL_KEY', questions, at, `stands in ${answers}`, `has none for ${row.id}`);
    const functions = row.function as readonly FunctionDescription[];
    const strange = right.find(({ name }) => !functions.some((own) => own.name === name));
    if (strange) throw rowError('EVAL_KEY', questions, at, 'calls one of its functions', `calls ${strange.name}`);
    return {
      id: row.id,
      group: category,
      request: {
        kind: 'generate',
        prompt: promptOf(line, row.question[0] as { role: string; content: string }[]),
        stop: [],
        maxTokens: MAX_TOKENS,
      },
      score: (answer) => scoreBfcl(answer, right, functions),
    };
  });
}

/** Scores an answer: a list of calls in Python, or one. */
export function scoreBfcl(
  answer: string,
  right: readonly RightCall[],
  functions: readonly FunctionDescription[],
): Scores {
  const bare = answer.replace(/^[`\n ]+/, '').replace(/[`\n ]+$/, '');
  const listed = `${bare.startsWith('[') ? '' : '['}${bare}${bare.endsWith(']') ? '' : ']'}`;
  const space = `[${PYTHON_SPACE}]*`;
  const calls = readCalls(listed.replace(new RegExp(`^${space}'*|'*${space}$`, 'g'), ''));
  return { acc: Number(calls !== null && areRight(calls, right, functions)) };
}

const linesOf = async (path: string) => (await readText(path)).split('\n').filter((line) => line.trim() !== '');

function parse(path: string, at: number, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw rowError('EVAL_ROW', path, at, 'is JSON', `is ${JSON.stringify(line.slice(0, 40))}`);
  }
}

function readRight(path: string, at: number, line: string): readonly [id: string, right: RightCall[]] {
  parse(path, at, line);
  const row = readJson(line);
  const [id, truth] = [entryOf(row, 'id'), entryOf(row, 'ground_truth')];
  if (id?.type !== 'str' || truth?.type !== 'list') {
    throw rowError('EVAL_ROW', path, at, 'has an "id" and a list "ground_truth"', `is ${line.slice(0, 80)}`);
  }
  return [id.value, truth.items.map((item) => readRightCall(path, at, item))];
}

function readRightCall(path: string, at: number, item: PythonValue): RightCall {
  const [entry] = item.type === 'dict' ? item.entries : [];
  const [name, values] = entry ?? [];
  if (name?.type !== 'str' || values?.type !== 'dict') {
    throw rowError('EVAL_ROW', path, at, 'has calls as {name: {argument: [values]}}', `has a ${item.type}`);
  }
  const accepted = values.entries.map(
    ([key, own]) => [key.type === 'str' ? key.value : '', own.type === 'list' ? own.items : []] as const,
  );
  return { name: name.value, values: new Map(accepted) };
}

/** The functions are shown as they are in the file, each described as one of Python. */
function promptOf(line: string, messages: readonly { readonly role: string; readonly content: string }[]): string {
  const row = readJson(line);
  const shown = entryOf(row, 'function');
  const own = messages.map(({ content }) => content);
  return [`${instructions.join('')}${dump(withHint(shown as PythonValue), '')}\n`, ...own].join('\n\n');
}

const HINT = ' Note that the provided function is in Python 3 syntax.';

function withHint(functions: PythonValue): PythonValue {
  if (functions.type !== 'list') return functions;
  const items = functions.items.map((item): PythonValue => {
    if (item.type !== 'dict') return item;
    const entries = item.entries.map(([key, value]) =>
      key.type === 'str' && key.value === 'description' && value.type === 'str'
        ? ([key, { ...value, value: value.value + HINT }] as const)
        : ([key, value] as const),
    );
    return { type: 'dict', entries };
  });
  return { type: 'list', items };
}

/** Python's `json.dumps(value, indent=4)`. */
function dump(value: PythonValue, indent: string): string {
  const deeper = `${indent}    `;
  const join = (open: string, parts: readonly string[], close: string) =>
    parts.length === 0 ? open + close : `${open}\n${deeper}${parts.join(`,\n${deeper}`)}\n${indent}${close}`;
  switch (value.type) {
    case 'list':
    case 'tuple':
      return join(
        '[',
        value.items.map((item) => dump(item, deeper)),
        ']',
      );
    case 'dict':
      return join(
        '{',
        value.entries.map(([key, item]) => `${dump(key, deeper)}: ${dump(item, deeper)}`),
        '}',
      );
    case 'None':
      return 'null';
    case 'float':
      return Number.isInteger(value.value) && Math.abs(value.value) < 1e16
        ? value.value.toFixed(1)
        : String(value.value);
    case 'str':
    case 'bytes':
      return JSON.stringify(value.value).replace(
        /[\x7f-\uffff]/g,
        (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    default:
      return String(value.value);
  }
}
