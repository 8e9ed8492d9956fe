import { type Message, type Question, type Teacher, turnsOf } from '@cogumi/contracts';
import type { ChatCall } from './provider.ts';
import { flatObjectIn } from './reply-objects.ts';
import type { RequestContext, TeacherPool } from './teacher-pool.ts';

const SCALE = `Give whole numbers from 1 (useless) to 10 (excellent) for
- quality: is it correct, well made and worth learning from?
- relevance: does it belong to its field, and does it ask or answer one thing?
- clarity: can it be understood without guessing?`;

/** JSON Schema of a verdict. */
const VERDICT = {
  type: 'object',
  additionalProperties: false,
  required: ['quality', 'relevance', 'clarity'],
  properties: Object.fromEntries(
    // Some providers (Anthropic) refuse `minimum` and `maximum`, and accept a list of values.
    ['quality', 'relevance', 'clarity'].map((name) => [
      name,
      { type: 'integer', enum: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
    ]),
  ),
} as const;

/** A verdict takes about 25 tokens; reasoning models need more (chosen). */
const MOST_TOKENS = 512;

/** Scores of questions, 1..10; null where the teacher gave no valid verdict. */
export function scoreQuestions(
  teacherPool: Pick<TeacherPool, 'complete'>,
  teacher: Teacher,
  questions: readonly Question[],
  requestContext: RequestContext,
): Promise<(number | null)[]> {
  const texts = questions.map(
    ({ domain, difficulty, question }) =>
      `A ${difficulty} question of the field ${domain.replace('_', ' ')}:\n\n${question}`,
  );
  return score(
    teacherPool,
    teacher,
    'You judge questions that a language model is to learn from.',
    texts,
    requestContext,
  );
}

/** Scores answers, 1..10; null where the teacher gave no valid verdict. */
export async function scoreAnswers(
  teacherPool: Pick<TeacherPool, 'complete'>,
  teacher: Teacher,
  items: readonly { question: Question; answer: string; reference?: string | null }[],
  requestContext: RequestContext,
): Promise<(number | null)[]> {
  const calls = answerCalls(items.map(({ question, ...rest }) => ({ turns: turnsOf(question), ...rest })));
  return (await teacherPool.complete(teacher, calls, requestContext)).map(readVerdict);
}

/** An answer to be scored. */
export interface ScoredAnswer {
  /** What it answers: with every turn of a conversation, since "And on Windows?" says little without them. At least one. */
  readonly turns: readonly Message[];
  readonly answer: string;
  /** An answer that is known to be right, for the judge to see. */
  readonly reference?: string | null;
}

const ANSWERS = 'You judge answers that a language model is to learn from.';

/** The requests for scores of answers. */
export function answerCalls(items: readonly ScoredAnswer[]): Omit<ChatCall, 'model'>[] {
  return items.map(({ turns, answer, reference = null }) => {
    const known = reference === null ? '' : `\n\nAn answer that is right:\n${reference}`;
    return scoreCall(ANSWERS, `${asked(turns)}${known}\n\nAnswer:\n${answer}`);
  });
}

/** Scores whether answers stand in the passages that they were written from, 1..10; null where the teacher gave no valid verdict. */
export function scoreGrounded(
  teacherPool: Pick<TeacherPool, 'complete'>,
  teacher: Teacher,
  items: readonly { readonly passage: string; readonly question: string; readonly answer: string }[],
  requestContext: RequestContext,
): Promise<(number | null)[]> {
  const texts = items.map(
    ({ passage, question, answer }) => `Passage:\n${passage}\n\nQuestion:\n${question}\n\nAnswer:\n${answer}`,
  );
  const role =
    'You judge questions and answers that were written from a passage. An answer is correct only if all that it says stands in the passage.';
  return score(teacherPool, teacher, role, texts, requestContext);
}

function asked(turns: readonly Message[]): string {
  const [first] = turns;
  if (first && turns.length === 1) return `Question:\n${first.content}`;
  return `Conversation:\n${turns.map(({ role, content }) => `${role}: ${content}`).join('\n\n')}`;
}

async function score(
  teacherPool: Pick<TeacherPool, 'complete'>,
  teacher: Teacher,
  role: string,
  texts: readonly string[],
  requestContext: RequestContext,
): Promise<(number | null)[]> {
  const calls = texts.map((text) => scoreCall(role, text));
  return (await teacherPool.complete(teacher, calls, requestContext)).map(readVerdict);
}

function scoreCall(role: string, text: string): Omit<ChatCall, 'model'> {
  return {
    messages: [
      {
        role: 'system',
        content: `${role} ${SCALE}\nReply with JSON alone: {"quality": …, "relevance": …, "clarity": …}`,
      },
      { role: 'user', content: text },
    ],
    maxTokens: MOST_TOKENS,
    temperature: 0,
    schema: VERDICT,
    question: null,
  };
}

/** Everything that the judge of answers is told besides question and answer: a passport holds for it. */
export const ANSWER_PROMPT = { role: ANSWERS, scale: SCALE, schema: VERDICT, maxTokens: MOST_TOKENS };

/** The scores of one text, 1..10. */
export interface Scores {
  readonly quality: number;
  readonly relevance: number;
  readonly clarity: number;
}

/** The scores in a reply; null: there are none. Only whole scores count, so that no rounding reaches a threshold. */
export function readScores(text: string | null): Scores | null {
  const { quality, relevance, clarity } = flatObjectIn(text) ?? {};
  return isScore(quality) && isScore(relevance) && isScore(clarity) ? { quality, relevance, clarity } : null;
}

/** The lowest of the three scores: a text that is clear and wrong is wrong. */
export function readVerdict(text: string | null): number | null {
  const scores = readScores(text);
  return scores && lowestOf(scores);
}

export function lowestOf({ quality, relevance, clarity }: Scores): number {
  return Math.min(quality, relevance, clarity);
}

function isScore(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 10;
}
