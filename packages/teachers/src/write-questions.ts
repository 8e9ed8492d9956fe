import {
  type BuiltInDomain,
  CogumiError,
  type Difficulty,
  type Domain,
  isBuiltIn,
  type Question,
  type Teacher,
} from '@cogumi/contracts';
import { normaliseText } from '@cogumi/pure';
import type { ChatCall } from './provider.ts';
import { objectIn } from './reply-objects.ts';
import { scoreQuestions } from './score-texts.ts';
import type { RequestContext, TeacherPool } from './teacher-pool.ts';

/** Questions per request (chosen): enough to save prompts, few enough to differ. */
const PER_CALL = 10;
/** Token limit per question (chosen); a question takes up to 200 tokens. */
const TOKENS_PER_QUESTION = 300;
/** Most rounds in which rejected questions are replaced (chosen). */
const MOST_ROUNDS = 12;

const QUESTIONS = {
  type: 'object',
  additionalProperties: false,
  required: ['questions'],
  properties: { questions: { type: 'array', items: { type: 'string' } } },
} as const;

/** What the prompt says about each built-in domain; another is called by its name. */
const FIELDS: Readonly<Record<BuiltInDomain, string>> = {
  coding: 'programming: write, explain, mend or compare code, in languages that people use',
  math: 'mathematics: calculate, prove, or solve a problem given in words',
  tool_use: 'calling tools: describe a few functions with their parameters and a wish that one or more calls fulfil',
  reasoning: 'reasoning: puzzles, plans, causes and conclusions that follow from what is given',
  reading: 'reading: a passage of at least five sentences, then a question that it answers',
  summarization: 'summarizing: a text of at least eight sentences that is to be made short in a given way',
  common_sense: 'common sense: everyday situations, how things work, what people do and why',
  instruction_following: 'following instructions: a task with several exact conditions on form, length or content',
};

const DIFFICULTIES: Readonly<Record<Difficulty, string>> = {
  easy: 'easy: a good student answers at once',
  hard: 'hard: they take several steps, and a first answer is likely to be wrong',
};

export interface WrittenQuestions {
  readonly questions: readonly Question[];
  readonly rejected: readonly { readonly question: string; readonly reason: string }[];
}

/** The questions of one domain and difficulty. */
interface Cell {
  readonly domain: Domain;
  readonly difficulty: Difficulty;
  readonly count: number;
  readonly kept: Question[];
}

/**
 * Lets a teacher write an exact number of questions. A repeated or low-scored question is rejected and replaced, until the
 * counts are reached. Each round requests all domains and difficulties together. The first round is small, and its error
 * rate is checked before the rest is paid for.
 *
 * @param scorer - null: every new question is accepted.
 * @param minScore - 1..10.
 * @throws CogumiError QUESTIONS_SHORT, ERROR_RATE.
 */
export async function writeQuestions(
  {
    domains,
    writer,
    scorer,
    minScore,
    maxErrorRate,
  }: {
    domains: Readonly<Record<Domain, Readonly<Record<Difficulty, number>>>>;
    writer: Teacher;
    scorer: Teacher | null;
    minScore: number;
    maxErrorRate: number;
  },
  teacherPool: Pick<TeacherPool, 'complete'>,
  requestContext: Pick<RequestContext, 'stage' | 'signal' | 'onProgress'>,
): Promise<WrittenQuestions> {
  const cells = (Object.entries(domains) as [Domain, Record<Difficulty, number>][]).flatMap(([domain, counts]) =>
    (['easy', 'hard'] as const).map(
      (difficulty): Cell => ({ domain, difficulty, count: counts[difficulty], kept: [] }),
    ),
  );
  const rejected: { question: string; reason: string }[] = [];
  const seen = new Set<string>();
  const missing = ({ count, kept }: Cell) => count - kept.length;
  for (let round = 0; cells.some((cell) => missing(cell) > 0); round++) {
    const unfilled = cells.filter((cell) => missing(cell) > 0);
    if (round === MOST_ROUNDS) throw short(writer, unfilled[0] as Cell);
    // The first round decides whether to continue, so it does not wait for a batch.
    const { stage, signal } = requestContext;
    const own = { stage, signal, tier: null, batchable: round > 0 };
    const orders = unfilled.map((cell) => ({
      cell,
      count: round === 0 ? Math.min(PER_CALL, missing(cell)) : missing(cell),
    }));
    const made = await write(orders, writer, round, teacherPool, own);
    const fresh = made.filter(({ question: { question } }) => {
      const form = normaliseText(question);
      const known = seen.has(form);
      if (known) rejected.push({ question, reason: 'is a repeat' });
      seen.add(form);
      return !known;
    });
    const asked = fresh.map(({ question }) => question);
    const scores = scorer ? await scoreQuestions(teacherPool, scorer, asked, own) : null;
    let good = 0;
    for (const [at, { cell, question }] of fresh.entries()) {
      const score = scores ? scores[at] : minScore;
      if (score === null || score === undefined) rejected.push({ question: question.question, reason: 'got no score' });
      else if (score < minScore) rejected.push({ question: question.question, reason: `scored ${score} of 10` });
      else if (missing(cell) > 0) {
        good++;
        const question_id = `${cell.domain}_${cell.difficulty}_${String(cell.kept.length + 1).padStart(4, '0')}`;
        cell.kept.push({ ...question, question_id });
      }
    }
    const ordered = orders.reduce((sum, { count }) => sum + count, 0);
    if (round === 0 && 1 - good / ordered > maxErrorRate) {
      throw tooMany(writer, ordered, 1 - good / ordered, maxErrorRate);
    }
    requestContext.onProgress?.(cells.reduce((sum, { kept }) => sum + kept.length, 0));
  }
  return { questions: cells.flatMap(({ kept }) => kept), rejected };
}

async function write(
  orders: readonly { cell: Cell; count: number }[],
  writer: Teacher,
  round: number,
  teacherPool: Pick<TeacherPool, 'complete'>,
  requestContext: RequestContext,
): Promise<{ cell: Cell; question: Question }[]> {
  const lists = orders.flatMap(({ cell, count }) =>
    Array.from({ length: Math.ceil(count / PER_CALL) }, (_, part) => ({
      ...{ cell, part },
      count: Math.min(PER_CALL, count - part * PER_CALL),
    })),
  );
  const calls = lists.map(
    ({ cell: { domain, difficulty }, part, count }): Omit<ChatCall, 'model'> => ({
      messages: [
        {
          role: 'system',
          content:
            'You write questions that a language model is to learn from. Each stands alone: whatever it speaks of is in it. They differ in subject, length and form. Reply with JSON alone: {"questions": ["…", …]}',
        },
        {
          role: 'user',
          // Part and round make every prompt unique, so that no two return the same questions.
          content: `Write ${count} questions of the field of ${isBuiltIn(domain) ? FIELDS[domain] : domain.replaceAll('_', ' ')}. They are ${DIFFICULTIES[difficulty]}. This is list ${part + 1} of set ${round + 1}; take subjects that other lists are unlikely to have.`,
        },
      ],
      maxTokens: TOKENS_PER_QUESTION * PER_CALL,
      temperature: 1,
      schema: QUESTIONS,
      question: null,
    }),
  );
  const replies = await teacherPool.complete(writer, calls, requestContext);
  return lists.flatMap(({ cell, count }, at) =>
    readQuestions(replies[at] ?? null)
      .slice(0, count)
      .map((text) => ({ cell, question: toQuestion(text, cell, writer) })),
  );
}

/** The questions in a reply; none when it is not the required JSON. */
function readQuestions(text: string | null): string[] {
  const questions = objectIn(text)?.questions;
  if (!Array.isArray(questions)) return [];
  return questions.flatMap((question) =>
    typeof question === 'string' && question.trim() !== '' ? [question.trim()] : [],
  );
}

/** A question without facts: its answers cannot be checked exactly. */
function toQuestion(question: string, { domain, difficulty }: Cell, writer: Teacher): Question {
  return {
    question_id: '',
    domain,
    difficulty,
    task: `teacher/${writer}`,
    wording: '',
    unseen: false,
    draw: '',
    question,
    facts: null,
  };
}

function short(writer: string, { domain, difficulty, count, kept }: Cell): CogumiError {
  return new CogumiError(
    'QUESTIONS_SHORT',
    `${writer} wrote ${kept.length} of ${count} ${difficulty} questions of ${domain} that are new and good enough, in ${MOST_ROUNDS} rounds.`,
    'Request fewer questions, lower `synthesize.minScore`, or name another `synthesize.questions.writer`.',
  );
}

function tooMany(writer: string, made: number, bad: number, most: number): CogumiError {
  return new CogumiError(
    'ERROR_RATE',
    `${Math.round(bad * 100)}% of the first ${made} questions of ${writer} were rejected; at most ${Math.round(most * 100)}% may be.`,
    'Name a better `synthesize.questions.writer`, or raise `synthesize.maxErrorRate`.',
  );
}
