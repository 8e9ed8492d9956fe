import { basename } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { z } from 'zod';
import { type RowFile, readRows } from '../rows/read-rows.ts';
import { rowError } from '../rows/row-error.ts';
import { argmax } from '../scoring/argmax.ts';
import { exactMatch } from '../scoring/exact-match.ts';
import { strip } from '../scoring/python-text.ts';
import { drawShots, SHOT_SEED } from '../shots/draw-shots.ts';
import { PythonRandom } from '../shots/python-random.ts';
import { type ChoiceItem, type GenerationItem, MAX_ANSWER_TOKENS, type Task, type TaskOptions } from './task.ts';

/** Names of fields in a file of one's own. */
export interface QuestionFields {
  /** Default `question`. */
  readonly question?: string;
  /** Default `answer`: a text or number; with choices also the place of one, from 0, or its letter. */
  readonly answer?: string;
  /** A list of texts of which the likeliest is the answer; left out: the answer is generated. */
  readonly choices?: string;
}

/** A row of such a file, read by its fields; `key` is the place of the right choice, or the answer itself. */
interface QuestionRow {
  readonly question: string;
  readonly answer: string;
  readonly choices: readonly string[];
  readonly key: number;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * A file of one's own questions, in JSON Lines. Prompts and scores are those of a plain task of lm-eval: `Question: …\nAnswer:`, examples drawn
 * from the other rows, an answer that ends at an empty line; `exact_match` without case, punctuation and spaces around it, or `acc` and
 * `acc_norm` (the likelihood of a choice divided by its characters).
 *
 * @throws CogumiError EVAL_DATA, EVAL_ROW; EVAL_KEY where an answer is none of the choices; EVAL_SHOTS.
 */
export async function ownQuestions(
  path: string,
  fields: QuestionFields,
  { shots = 0, limit = Number.POSITIVE_INFINITY }: TaskOptions = {},
): Promise<Task> {
  const name = basename(path).replace(/\.jsonl(\.gz)?$/, '');
  const file = await readRows(path, z.record(z.string(), z.unknown()));
  const rows = file.rows.map((_, at) => readRow(file, at, fields));
  const random = new PythonRandom(SHOT_SEED);
  const items = rows.slice(0, limit).map((row, at): GenerationItem | ChoiceItem => {
    const examples = drawShots(random, rows, shots, shots === 0 ? null : row);
    const before = examples.map(({ question, answer }) => `${opening(question)} ${answer}\n\n`).join('');
    const prompt = before + opening(row.question);
    return {
      id: `${name}-${at}`,
      group: null,
      ...(row.choices.length > 0 ? choosing(prompt, row) : generating(prompt, row)),
    };
  });
  return { name, harness: null, shots, metric: null, items };
}

const opening = (question: string) => `Question: ${question}\nAnswer:`;

function generating(prompt: string, { answer: wanted }: QuestionRow): Pick<GenerationItem, 'request' | 'score'> {
  return {
    request: { kind: 'generate', prompt, stop: ['\n\n'], maxTokens: MAX_ANSWER_TOKENS },
    score: (answer) => ({
      exact_match: Number(exactMatch(strip(answer), wanted, { ignoreCase: true, ignorePunctuation: true })),
    }),
  };
}

function choosing(context: string, { choices, key }: QuestionRow): Pick<ChoiceItem, 'request' | 'score'> {
  return {
    request: { kind: 'choose', context, choices: choices.map((choice) => ` ${choice}`) },
    score: (values) => ({
      acc: Number(argmax(values) === key),
      acc_norm: Number(argmax(values.map((value, at) => value / [...(choices[at] as string)].length)) === key),
    }),
  };
}

function readRow(
  { path, rows }: RowFile<Readonly<Record<string, unknown>>>,
  at: number,
  fields: QuestionFields,
): QuestionRow {
  const row = rows[at] as Readonly<Record<string, unknown>>;
  const { question = 'question', answer = 'answer', choices } = fields;
  const field = <Value>(name: string, schema: z.ZodType<Value>, form: string): Value => {
    const { success, data } = schema.safeParse(row[name]);
    if (success) return data;
    if (!Object.hasOwn(row, name)) throw noField(path, at, name, Object.keys(row));
    throw rowError('EVAL_ROW', path, at, `has ${form} in "${name}"`, `has ${JSON.stringify(row[name])}`);
  };
  const asked = field(question, z.string().min(1), 'a text');
  const given = field(answer, z.union([z.string().min(1), z.number(), z.boolean()]), 'a text or a number');
  if (choices === undefined) return { question: asked, answer: String(given), choices: [], key: -1 };
  const texts = field(choices, z.array(z.string().min(1)).min(2), 'a list of at least two texts');
  const key = keyOf(given, texts);
  if (key === null) {
    const expected = `is one of ${JSON.stringify(texts)}, its place from 0 to ${texts.length - 1}, or its letter`;
    throw rowError('EVAL_KEY', path, at, expected, `is ${JSON.stringify(given)}`);
  }
  return { question: asked, answer: texts[key] as string, choices: texts, key };
}

/** Place of the right choice: by its text, which goes first, its place or its letter; null if it is none. */
function keyOf(given: string | number | boolean, texts: readonly string[]): number | null {
  const byText = texts.indexOf(String(given));
  if (byText >= 0) return byText;
  const place =
    typeof given === 'number' ? given : typeof given === 'string' && given.length === 1 ? LETTERS.indexOf(given) : -1;
  return Number.isInteger(place) && place >= 0 && place < texts.length ? place : null;
}

function noField(path: string, at: number, name: string, has: readonly string[]): CogumiError {
  return new CogumiError(
    'EVAL_ROW',
    `Row ${at + 1} of ${path} has no field "${name}"; it has ${has.join(', ') || 'none'}.`,
    'Name the fields with --question, --answer and --choices.',
    { exitCode: EXIT.usage },
  );
}
