import { CogumiError, EXIT } from '@cogumi/contracts';
import { z } from 'zod';
import { type LabelledAnswer, type LabelledPair, majority, type Preference } from './labels.ts';

/** Labels of one form. */
export type Labels =
  | { readonly form: 'pairs'; readonly items: readonly LabelledPair[] }
  | {
      readonly form: 'answers';
      readonly items: readonly LabelledAnswer[];
      /** Least score of a good answer, 1..10. */
      readonly minScore: number;
    };

const Text = z.string().trim().min(1);
const Speech = z.union([
  Text,
  z.object({ content: Text }).transform(({ content }) => content),
  z.object({ value: Text }).transform(({ value }) => value),
  z
    .array(z.object({ content: Text }))
    .min(1)
    .transform((turns) => turns.at(-1)?.content as string),
]);
const Named = z.enum(['first', 'second', 'tie']);
/** 1 and 2 for the answers, 0 for a tie, as published sets have it. */
const Numbered = z
  .literal([0, 1, 2])
  .transform((number): Preference => (number === 0 ? 'tie' : number === 1 ? 'first' : 'second'));
const oneOrMore = <Label>(label: z.ZodType<Label>) => z.union([z.array(label).min(1), label.transform((one) => [one])]);

/** Ways in which files have pairs: their fields, and what they mean. */
const PAIRS = [
  {
    fields: 'question, first, second, better (first, second or tie; or a list, one for each person)',
    schema: z
      .object({ question: Text, first: Text, second: Text, better: oneOrMore(Named) })
      .transform(({ question, first, second, better }): LabelledPair => ({ question, first, second, people: better })),
  },
  {
    fields: 'instruction, output_1, output_2, preference (1, 2, 0 for a tie, or null where nobody said)',
    schema: z.object({ instruction: Text, output_1: Text, output_2: Text, preference: Numbered.nullable() }).transform(
      ({ instruction, output_1, output_2, preference }): LabelledPair => ({
        ...{
          question: instruction,
          first: output_1,
          second: output_2,
          people: preference === null ? [] : [preference],
        },
      }),
    ),
  },
  {
    fields: 'conversations, chosen, rejected',
    schema: z
      .object({ conversations: z.array(z.object({ value: Text })).min(1), chosen: Speech, rejected: Speech })
      .transform(({ conversations, chosen, rejected }): LabelledPair => {
        const question = conversations.map(({ value }) => value).join('\n\n');
        return { question, first: chosen, second: rejected, people: ['first'] };
      }),
  },
  {
    fields: 'prompt, chosen, rejected',
    schema: z.object({ prompt: Speech, chosen: Speech, rejected: Speech }).transform(
      ({ prompt, chosen, rejected }): LabelledPair => ({
        ...{ question: prompt, first: chosen, second: rejected, people: ['first'] },
      }),
    ),
  },
];

/** The same of single answers. */
const answersWith = (minScore: number) => [
  {
    fields: 'question, answer, good (true, false, or null where nobody said; or a list, one for each person)',
    schema: z
      .object({ question: Text, answer: Text, good: oneOrMore(z.boolean()).nullable() })
      .transform(({ question, answer, good }): LabelledAnswer => ({ question, answer, people: good ?? [] })),
  },
  {
    fields: 'question, answer, score (1 to 10; or a list, one for each person)',
    schema: z.object({ question: Text, answer: Text, score: oneOrMore(z.number().min(1).max(10)) }).transform(
      ({ question, answer, score }): LabelledAnswer => ({
        ...{ question, answer, people: score.map((one) => one >= minScore) },
      }),
    ),
  },
  {
    fields: 'messages (the last is the answer), label (true or false)',
    schema: z
      .object({ messages: z.array(z.object({ content: Text })).min(2), label: z.boolean() })
      .transform(({ messages, label }): LabelledAnswer => {
        const turns = messages.map(({ content }) => content);
        return { question: turns.slice(0, -1).join('\n\n'), answer: turns.at(-1) as string, people: [label] };
      }),
  },
];

interface Asked {
  /** Path of the file, for messages. */
  readonly name: string;
  readonly minScore: number;
}

/**
 * Reads what people said of answers. The first record decides the form of all.
 *
 * @param records - In the order of the file.
 * @throws CogumiError LABELS_EMPTY; LABELS_UNKNOWN with the fields that are known; LABELS_ONE_CLASS where all labels are one, so that any judge
 * that always says it agrees.
 */
export function readLabels(records: readonly unknown[], { name, minScore }: Asked): Labels {
  if (records.length === 0) throw refused('LABELS_EMPTY', `${name} has no record.`, 'Name a file with labels.');
  const layouts = { pairs: PAIRS, answers: answersWith(minScore) };
  const [pair, answer] = [PAIRS, layouts.answers].map((known) =>
    (known as readonly { schema: z.ZodType }[]).find(({ schema }) => schema.safeParse(records[0]).success),
  );
  if (pair !== undefined) {
    const items = readAll<LabelledPair>(records, pair.schema as z.ZodType<LabelledPair>, name);
    refuseOneClass(
      items.filter(({ people }) => majority(people) !== 'tie').length,
      items.length,
      `${name}: all labels are ties`,
    );
    return { form: 'pairs', items };
  }
  if (answer !== undefined) {
    const items = readAll<LabelledAnswer>(records, answer.schema as z.ZodType<LabelledAnswer>, name);
    const good = items.filter(({ people }) => majority(people) === true).length;
    refuseOneClass(
      Math.min(good, items.length - good),
      items.length,
      `${name}: all ${items.length} labels say ${good > 0 ? 'good' : 'bad'}`,
    );
    return { form: 'answers', items, minScore };
  }
  throw unknown(records[0], 1, name);
}

function readAll<Item extends { readonly people: readonly unknown[] }>(
  records: readonly unknown[],
  schema: z.ZodType<Item>,
  name: string,
): Item[] {
  const items = records.map((record, at) => {
    const read = schema.safeParse(record);
    if (!read.success) throw unknown(record, at + 1, name);
    return read.data;
  });
  const labelled = items.filter(({ people }) => people.length > 0);
  if (labelled.length === 0)
    throw refused('LABELS_EMPTY', `None of the ${items.length} records of ${name} has a label.`, 'Label some of them.');
  return labelled;
}

function refuseOneClass(others: number, items: number, what: string): void {
  if (others > 0) return;
  throw refused(
    'LABELS_ONE_CLASS',
    `${what} (${items} items): any judge that always says the same would agree.`,
    'Add items that people labelled otherwise.',
  );
}

function unknown(record: unknown, number: number, name: string): CogumiError {
  const found =
    record !== null && typeof record === 'object' && !Array.isArray(record)
      ? `has the fields ${Object.keys(record).slice(0, 20).join(', ') || 'none'}`
      : `is ${JSON.stringify(record)?.slice(0, 60)}`;
  const known = [...PAIRS, ...answersWith(7)].map(({ fields }) => `  - ${fields}`).join('\n');
  return refused(
    'LABELS_UNKNOWN',
    `Record ${number} of ${name} is no label: it ${found}, or one of them has another type.`,
    `Labels are given as one of\n${known}`,
  );
}

function refused(code: string, message: string, hint: string): CogumiError {
  return new CogumiError(code, message, hint, { exitCode: EXIT.usage });
}
