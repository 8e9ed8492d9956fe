import type { Example, ExampleCheck, Question, Teacher } from '@cogumi/contracts';
import { normaliseText } from '@cogumi/pure';
import { lastNumber } from './checkers/number.ts';
import type { ChatCall } from './provider.ts';
import { objectIn } from './reply-objects.ts';
import type { RequestContext, TeacherPool } from './teacher-pool.ts';

/** A question that was given as an example. */
export type ExampleQuestion = Question & { readonly example: Example };

/** What a written question's task ends with: its answer is a teacher's word. */
const WRITTEN = '/written';

/** Variants of a request (chosen): enough to save prompts, few enough to differ. */
const PER_REQUEST = 8;
/** A variant is a question with its answer (chosen). */
const TOKENS_PER_VARIANT = 400;

const VARIANTS = {
  type: 'object',
  additionalProperties: false,
  required: ['variants'],
  properties: {
    variants: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['question', 'answer'],
        properties: { question: { type: 'string' }, answer: { type: 'string' } },
      },
    },
  },
} as const;

export interface WantedVariants {
  readonly writer: Teacher;
  /** In all; fewer come back where the teacher gives fewer. */
  readonly count: number;
  /** Another number gives others. */
  readonly sample: number;
  /** What a critic says of the failure, for the writer to read; left out: nothing. */
  readonly critiqueOf?: (question: Question) => string | null;
}

/** Whether a teacher wrote the question, so that its own answer is no proof. */
export function isWritten({ task }: Pick<Question, 'task'>): boolean {
  return task.endsWith(WRITTEN);
}

export interface WrittenVariants {
  /** For each question given, its variants. */
  readonly variants: readonly (readonly ExampleQuestion[])[];
  /** Left out: repeats, and answers that fail their own check or fit no check. */
  readonly rejected: number;
}

/**
 * Lets a teacher write other questions of the kind of given ones, each with its answer, under the checker of the question that it is a
 * variant of. A variant that repeats a question, or whose answer fails its own check, is left out.
 *
 * @param questions - At least one; the variants are spread over them evenly.
 */
export async function writeVariants(
  questions: readonly ExampleQuestion[],
  { writer, count, sample, critiqueOf = () => null }: WantedVariants,
  teacherPool: Pick<TeacherPool, 'complete' | 'judge'>,
  requestContext: Pick<RequestContext, 'stage' | 'signal'>,
): Promise<WrittenVariants> {
  const each = questions.map((_, at) => Math.floor((count + questions.length - 1 - at) / questions.length));
  const calls = questions.flatMap((question, of) =>
    Array.from({ length: Math.ceil(each[of]! / PER_REQUEST) }, (_, part) => {
      const some = Math.min(PER_REQUEST, each[of]! - part * PER_REQUEST);
      return { of, call: variantsCall(question, critiqueOf(question), some, part) };
    }),
  );
  const replies = await teacherPool.complete(
    writer,
    calls.map(({ call }) => call),
    { ...requestContext, tier: null, batchable: true, sample },
  );
  const seen = new Set(questions.map(({ question }) => normaliseText(question)));
  const found = calls.flatMap(({ of }, at) =>
    readVariants(replies[at] ?? null).flatMap(({ question, answer }) => {
      const check = checkOf(questions[of]!.example.check, answer);
      const key = normaliseText(question);
      if (check === null || seen.has(key)) return [];
      seen.add(key);
      return [{ of, variant: toVariant(questions[of]!, { question, answer, check, writer }) }];
    }),
  );
  // A teacher that judges would say again what another teacher's answer has to be held against anyway.
  const judged = await teacherPool.judge(
    found.map(({ variant }) => ({ question: variant, answer: variant.example.answer })),
    { ...requestContext, batchable: true },
  );
  const sound = found.filter((_, at) => judged[at]?.correct === true);
  const written = replies.reduce((sum, reply) => sum + readVariants(reply).length, 0);
  return {
    variants: questions.map((_, of) => sound.flatMap((one) => (one.of === of ? [one.variant] : []))),
    rejected: written - sound.length,
  };
}

function variantsCall(
  { question, example }: ExampleQuestion,
  critique: string | null,
  count: number,
  part: number,
): Omit<ChatCall, 'model'> {
  return {
    messages: [
      {
        role: 'system',
        content:
          'A language model failed a question. You write other questions of the same kind for it to learn from: the same skill and form, other facts, names and numbers. Each answer is right, and has the form of the answer that is shown. Reply with JSON alone: {"variants": [{"question": "…", "answer": "…"}]}',
      },
      {
        role: 'user',
        content: `Write ${count} questions of this kind${part > 0 ? ` (part ${part + 1}: none that comes to mind first)` : ''}.\n\nQuestion:\n${question}\n\nAnswer:\n${example.answer}${critique === null ? '' : `\n\nWhat the model did wrong:\n${critique}`}`,
      },
    ],
    maxTokens: TOKENS_PER_VARIANT * count,
    temperature: 0.7,
    schema: VARIANTS,
    question: null,
  };
}

function readVariants(text: string | null): { question: string; answer: string }[] {
  const variants = objectIn(text)?.variants;
  return Array.isArray(variants) ? variants.filter(isVariant) : [];
}

function isVariant(value: unknown): value is { question: string; answer: string } {
  const { question, answer } = (value ?? {}) as Record<string, unknown>;
  return [question, answer].every((text) => typeof text === 'string' && text.trim() !== '');
}

/** The check of a variant: of the same kind, for its own answer. null: the answer has none (no number in it), or tests of the original say nothing of it. */
function checkOf(check: ExampleCheck, answer: string): ExampleCheck | null {
  switch (check.kind) {
    case 'exact':
    case 'contains':
      return { ...check, accepted: [answer] };
    case 'number': {
      const expected = lastNumber(answer);
      return expected === null ? null : { ...check, expected };
    }
    case 'json-schema':
    case 'judge':
      return check;
    // A pattern and tests are of the original's answer.
    case 'regex':
    case 'python-tests':
      return null;
  }
}

function toVariant(
  original: ExampleQuestion,
  { question, answer, check, writer }: { question: string; answer: string; check: ExampleCheck; writer: Teacher },
): ExampleQuestion {
  return {
    ...original,
    ...{ task: `${original.domain}${WRITTEN}`, question },
    example: { answer, history: [], check, source: writer, licence: original.example.licence, terms: null },
  };
}
