import { Teacher } from '@cogumi/contracts';
import { z } from 'zod';
import type { Judgement } from '../procedural/task.ts';
import { judgeJsonSchema, schemaProblem } from './json-schema.ts';
import { judgeRegex, patternProblem } from './regex.ts';
import { describeWrong, REMEDIES, WRONG_ANSWERS } from './wrong-answers.ts';

const Field = z.string().min(1);
const Accepted = Field.nullable()
  .default(null)
  .describe('Field of an example with the accepted text, or a list of them; null: its answer is the one.');

/** A regular expression or a schema comes from one place: the same for all examples, or each its own. */
function fromOnePlace(what: string, own: unknown, field: string | null): string | null {
  if (own === null && field === null) return `gives neither a \`${what}\` nor the \`field\` of an example that has one`;
  return own !== null && field !== null ? `gives both a \`${what}\` and a \`field\`; one of them counts` : null;
}

/** What is wrong with a check of all examples that accepts a wrong answer; null where it accepts none. */
function looseness<Check>(
  kind: 'regex' | 'json-schema',
  judge: (check: Check, answer: string) => Judgement,
  check: Check,
): string | null {
  const accepted = WRONG_ANSWERS[kind].find((answer) => judge(check, answer).correct);
  return accepted === undefined ? null : `accepts ${describeWrong(accepted)}. ${REMEDIES[kind]}`;
}

const Regex = z
  .strictObject({
    kind: z.literal('regex').describe('A regular expression matches somewhere in the reply.'),
    pattern: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('For all examples: JavaScript’s, in Unicode mode; `(?i:…)` is for any case.'),
    field: Field.nullable().default(null).describe('Field of an example with a pattern of its own.'),
  })
  .superRefine(({ pattern, field }, { addIssue }) => {
    const place = fromOnePlace('pattern', pattern, field);
    if (place) addIssue({ code: 'custom', message: place });
    const problem = pattern === null ? null : (patternProblem(pattern) ?? looseness('regex', judgeRegex, { pattern }));
    if (problem) addIssue({ code: 'custom', path: ['pattern'], message: problem });
  });

const JsonSchema = z
  .strictObject({
    kind: z.literal('json-schema').describe('The reply is one JSON value that fits a JSON Schema (draft 7).'),
    schema: z.record(z.string(), z.json()).nullable().default(null).describe('For all examples.'),
    field: Field.nullable().default(null).describe('Field of an example with a schema of its own.'),
  })
  .superRefine(({ schema, field }, { addIssue }) => {
    const place = fromOnePlace('schema', schema, field);
    if (place) addIssue({ code: 'custom', message: place });
    if (schema === null) return;
    const problem = schemaProblem(schema);
    const message = problem ? `does not compile: ${problem}` : looseness('json-schema', judgeJsonSchema, { schema });
    if (message) addIssue({ code: 'custom', path: ['schema'], message });
  });

const Checkers = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z
        .literal('exact')
        .describe('The reply is an accepted text, but for case, spacing and a closing full stop.'),
      field: Accepted,
    }),
    z.strictObject({
      kind: z.literal('contains').describe('An accepted text stands in the reply, but for case and spacing.'),
      field: Accepted,
    }),
    Regex,
    z.strictObject({
      kind: z.literal('number').describe('The last number of the reply is the expected one.'),
      field: Field.nullable()
        .default(null)
        .describe('Field of an example with the number; null: the last one of its answer.'),
      tolerance: z.number().nonnegative().default(0).describe('Largest difference that counts as the same number.'),
    }),
    JsonSchema,
    z.strictObject({
      kind: z.literal('python-tests').describe('The code of the reply passes the example’s tests in the sandbox.'),
      field: Field.describe(
        'Field of an example with its tests: assertions as `assert f(2) == 4`, a list or a line each.',
      ),
    }),
    z.strictObject({
      kind: z
        .literal('judge')
        .describe('A teacher, who sees the example’s answer, scores the reply; each costs a request.'),
      teacher: Teacher.refine(
        (teacher) => !teacher.startsWith('procedural:'),
        'procedural teachers judge no text; name a model, as `openai:gpt-5-mini`',
      ).describe('Who judges.'),
      minScore: z
        .int()
        .min(1)
        .max(10)
        .default(7)
        .describe('Least score: the lowest of quality, relevance and clarity.'),
      compare: z
        .enum(['scores', 'pairs'])
        .default('scores')
        .describe(
          'How answers of two models are compared. `scores`: by whether each reaches the least score; `pairs`: the teacher sees both, in both orders, and says which is better (two requests more a question).',
        ),
      labels: z
        .strictObject({
          path: z
            .string()
            .min(1)
            .describe(
              'File of answers like those of the domain that people found good or bad; with `compare: pairs`, of pairs of which people said which is better.',
            ),
          limit: z.int().positive().default(200).describe('Most items of it, drawn by chance.'),
          samples: z
            .int()
            .nonnegative()
            .max(20)
            .default(3)
            .describe('Verdicts an item that are drawn to see whether they are equal; below 2: none.'),
        })
        .nullable()
        .default(null)
        .describe(
          'What people said, for the judge to be compared with. null: it holds no passport, and gates over its verdicts are advice.',
        ),
    }),
  ],
  { error: 'a checker is exact, contains, regex, number, json-schema, python-tests or judge' },
);

/** How replies to the examples of a domain are judged: the name of a checker, or its `kind` with settings. */
export const CheckerOptions = z.preprocess((given) => (typeof given === 'string' ? { kind: given } : given), Checkers);
export type CheckerOptions = z.infer<typeof CheckerOptions>;
