import { CogumiError, type Difficulty, type Domain, type Question, type Teacher } from '@cogumi/contracts';
import type { Faculty, Purpose } from './faculty.ts';
import type { ChatCall } from './provider.ts';
import { scoreQuestions } from './score-texts.ts';

/** Questions of one reply: enough to save prompts, few enough to differ (chosen). */
const PER_CALL = 10;
/** A question takes up to 200 tokens (chosen). */
const TOKENS_PER_QUESTION = 300;
/** How many are made and looked at before the rest is bought (spec P4). */
const FIRST = 100;
/** How often what was dropped is made anew (chosen). */
const MOST_ROUNDS = 12;

const QUESTIONS = {
  type: 'object',
  additionalProperties: false,
  required: ['questions'],
  properties: { questions: { type: 'array', items: { type: 'string' } } },
} as const;

/** What each field asks for. */
const FIELDS: Readonly<Record<Domain, string>> = {
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
  readonly dropped: readonly { readonly question: string; readonly reason: string }[];
}

/**
 * Has a teacher write exactly the questions asked for (spec D7, D8): what repeats another or scores too low is dropped and
 * made anew until the counts hold.
 *
 * @param scorer - Null: whatever is written is taken.
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
    domains: Readonly<Partial<Record<Domain, Readonly<Record<Difficulty, number>>>>>;
    writer: Teacher;
    scorer: Teacher | null;
    minScore: number;
    maxErrorRate: number;
  },
  faculty: Pick<Faculty, 'complete'>,
  purpose: Omit<Purpose, 'tier' | 'sample'>,
): Promise<WrittenQuestions> {
  const questions: Question[] = [];
  const dropped: { question: string; reason: string }[] = [];
  const seen = new Set<string>();
  for (const [domain, counts] of Object.entries(domains) as [Domain, Record<Difficulty, number>][]) {
    for (const difficulty of ['easy', 'hard'] as const) {
      const wanted = counts[difficulty];
      let kept = 0;
      for (let round = 0; kept < wanted; round++) {
        if (round === MOST_ROUNDS) throw short(writer, domain, difficulty, wanted, kept);
        // The first hundred are looked at before the rest is paid for.
        const missing = round === 0 ? Math.min(wanted, FIRST) : wanted - kept;
        const texts = await write(missing, { domain, difficulty, writer, round }, faculty, purpose);
        const fresh = texts.filter((text) => {
          const known = seen.has(normalise(text));
          if (known) dropped.push({ question: text, reason: 'was asked before' });
          seen.add(normalise(text));
          return !known;
        });
        const made = fresh.map((text) => toQuestion(text, domain, difficulty, writer));
        const scores = scorer ? await scoreQuestions(faculty, scorer, made, { ...purpose, tier: null }) : null;
        const before = kept;
        for (const [at, question] of made.entries()) {
          const score = scores ? (scores[at] ?? 0) : minScore;
          if (score < minScore) dropped.push({ question: question.question, reason: `scored ${score} of 10` });
          else if (kept < wanted) {
            kept++;
            const question_id = `${domain}_${difficulty}_${String(kept).padStart(4, '0')}`;
            questions.push({ ...question, question_id });
          }
        }
        const bad = 1 - (kept - before) / missing;
        if (round === 0 && bad > maxErrorRate) throw tooMany(writer, missing, bad, maxErrorRate);
        purpose.onProgress?.(questions.length);
      }
    }
  }
  return { questions, dropped };
}

async function write(
  count: number,
  { domain, difficulty, writer, round }: { domain: Domain; difficulty: Difficulty; writer: Teacher; round: number },
  faculty: Pick<Faculty, 'complete'>,
  purpose: Omit<Purpose, 'tier' | 'sample'>,
): Promise<string[]> {
  const calls = Array.from({ length: Math.ceil(count / PER_CALL) }, (_, part): Omit<ChatCall, 'model'> => {
    const number = Math.min(PER_CALL, count - part * PER_CALL);
    return {
      messages: [
        {
          role: 'system',
          content:
            'You write questions that a language model is to learn from. Each stands alone: whatever it speaks of is in it. They differ in subject, length and form. Reply with JSON alone: {"questions": ["…", …]}',
        },
        {
          role: 'user',
          // Part and round make each request its own, so that no two bring the same questions.
          content: `Write ${number} questions of the field of ${FIELDS[domain]}. They are ${DIFFICULTIES[difficulty]}. This is list ${part + 1} of set ${round + 1}; take subjects that other lists are unlikely to have.`,
        },
      ],
      maxTokens: TOKENS_PER_QUESTION * PER_CALL,
      temperature: 1,
      schema: QUESTIONS,
      question: null,
    };
  });
  const replies = await faculty.complete(writer, calls, { ...purpose, onProgress: () => undefined, tier: null });
  return replies.flatMap(readQuestions).slice(0, count);
}

/** The questions of a reply; none when it is not the JSON asked for. */
export function readQuestions(text: string | null): string[] {
  const json = /\{[\s\S]*\}/.exec(text ?? '')?.[0];
  if (!json) return [];
  try {
    const { questions } = JSON.parse(json) as { questions?: unknown };
    if (!Array.isArray(questions)) return [];
    return questions.flatMap((question) =>
      typeof question === 'string' && question.trim() !== '' ? [question.trim()] : [],
    );
  } catch {
    return [];
  }
}

/** A question without facts: nobody can check its answers exactly. */
function toQuestion(question: string, domain: Domain, difficulty: Difficulty, writer: Teacher): Question {
  return {
    question_id: '',
    domain,
    difficulty,
    family: `teacher/${writer}`,
    wording: '',
    unseen: false,
    draw: '',
    question,
    facts: null,
  };
}

function normalise(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

function short(writer: string, domain: string, difficulty: string, wanted: number, kept: number): CogumiError {
  return new CogumiError(
    'QUESTIONS_SHORT',
    `${writer} wrote ${kept} of ${wanted} ${difficulty} questions of ${domain} that are new and good enough, in ${MOST_ROUNDS} rounds.`,
    'Ask for fewer, lower `synthesize.questions.minScore`, or name another writer.',
  );
}

function tooMany(writer: string, made: number, bad: number, most: number): CogumiError {
  return new CogumiError(
    'ERROR_RATE',
    `${Math.round(bad * 100)}% of the first ${made} questions of ${writer} could not be used; at most ${Math.round(most * 100)}% may.`,
    'Name a better `synthesize.questions.writer`, or raise `synthesize.maxErrorRate`.',
  );
}
