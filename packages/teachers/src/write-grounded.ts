import type { Teacher } from '@cogumi/contracts';
import { normaliseText } from '@cogumi/pure';
import type { ChatCall } from './provider.ts';
import { objectIn } from './reply-objects.ts';
import { scoreGrounded } from './score-texts.ts';
import type { RequestContext, TeacherPool } from './teacher-pool.ts';

/** Part of a document that questions are written from. */
export interface SourcePassage {
  /** Headings that it stands under, the outermost first. */
  readonly headings: readonly string[];
  readonly text: string;
}

/** A question with an answer that stands in a passage. */
export interface GroundedExample {
  readonly question: string;
  readonly answer: string;
  /** What a reply must contain to be right; it stands in the answer and in the quote. */
  readonly accepted: string;
  /** The words of the passage that say it. */
  readonly quote: string;
  /** Number of the passage, from 0. */
  readonly passage: number;
}

export interface GroundedExamples {
  readonly examples: readonly GroundedExample[];
  readonly rejected: readonly { readonly passage: number; readonly question: string; readonly reason: string }[];
}

interface Wanted {
  readonly writer: Teacher;
  /** null: the check against the passage's words is the only one. */
  readonly judge: Teacher | null;
  /** 1..10, of the judge. */
  readonly minScore: number;
  readonly factsPerPassage: number;
  readonly wordings: number;
}

/** A fact takes its question in several wordings, an answer and a quote (chosen: 300 tokens). */
const TOKENS_PER_FACT = 300;
/** A quote of less could stand anywhere (chosen). */
const LEAST_QUOTE = 8;

const FACTS = {
  type: 'object',
  additionalProperties: false,
  required: ['facts'],
  properties: {
    facts: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['quote', 'answer', 'accepted', 'questions'],
        properties: {
          quote: { type: 'string' },
          answer: { type: 'string' },
          accepted: { type: 'string' },
          questions: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
} as const;

/**
 * Lets a teacher write questions and answers from passages, and keeps those that the passage proves: the quote stands in it word for
 * word, what a reply must contain stands in quote and answer, and a judge, where there is one, finds the answer in the passage.
 */
export async function writeGrounded(
  passages: readonly SourcePassage[],
  wanted: Wanted,
  teacherPool: Pick<TeacherPool, 'complete'>,
  requestContext: Pick<RequestContext, 'stage' | 'signal' | 'onProgress'>,
): Promise<GroundedExamples> {
  const own: RequestContext = { ...requestContext, tier: null, batchable: true };
  const replies = await teacherPool.complete(
    wanted.writer,
    passages.map((passage) => call(passage, wanted)),
    own,
  );
  const rejected: { passage: number; question: string; reason: string }[] = [];
  const found: GroundedExample[] = [];
  const seen = new Set<string>();
  for (const [passage, reply] of replies.entries()) {
    const facts = readFacts(reply);
    if (facts === null)
      rejected.push({ passage, question: '', reason: 'the reply is not the JSON that was asked for' });
    for (const { questions, ...fact } of facts?.slice(0, wanted.factsPerPassage) ?? []) {
      for (const question of questions.slice(0, wanted.wordings)) {
        const example = { ...fact, question, passage };
        const reason = problemOf(example, passages[passage] as SourcePassage, seen);
        if (reason !== null) rejected.push({ passage, question, reason });
        else {
          seen.add(normaliseText(question));
          found.push(example);
        }
      }
    }
  }
  if (wanted.judge === null) return { examples: found, rejected };
  const items = found.map(({ passage, ...rest }) => ({ ...rest, passage: textOf(passages[passage] as SourcePassage) }));
  const scores = await scoreGrounded(teacherPool, wanted.judge, items, {
    stage: own.stage,
    signal: own.signal,
    tier: null,
    batchable: true,
  });
  const examples = found.filter(({ passage, question }, at) => {
    const score = scores[at] ?? null;
    if (score !== null && score >= wanted.minScore) return true;
    rejected.push({ passage, question, reason: score === null ? 'got no score' : `scored ${score} of 10` });
    return false;
  });
  return { examples, rejected };
}

function textOf({ headings, text }: SourcePassage): string {
  return headings.length === 0 ? text : `${headings.join(' > ')}\n\n${text}`;
}

function call(passage: SourcePassage, { factsPerPassage, wordings }: Wanted): Omit<ChatCall, 'model'> {
  return {
    messages: [
      {
        role: 'system',
        content:
          'You turn passages of documents into questions and answers that a language model is to learn from. Every answer stands in the passage; you add nothing. A question names what it asks about, so that it can be understood without the passage, and does not give its answer away. Reply with JSON alone: {"facts": [{"quote": "words of the passage, copied exactly", "answer": "one short sentence", "accepted": "the few words of the quote that make an answer right, copied into the answer exactly", "questions": ["…"]}]}',
      },
      {
        role: 'user',
        content: `Take up to ${factsPerPassage} facts that somebody would ask for, each with ${wordings} questions in different words.\n\nPassage:\n${textOf(passage)}`,
      },
    ],
    maxTokens: TOKENS_PER_FACT * factsPerPassage,
    temperature: 0,
    schema: FACTS,
    question: null,
  };
}

type Fact = Pick<GroundedExample, 'quote' | 'answer' | 'accepted'> & { readonly questions: readonly string[] };

/** The facts in a reply; null when it is not the JSON that was asked for. */
function readFacts(text: string | null): Fact[] | null {
  const facts = objectIn(text)?.facts;
  return Array.isArray(facts) && facts.every(isFact) ? facts : null;
}

function isFact(value: unknown): value is Fact {
  const { quote, answer, accepted, questions } = (value ?? {}) as Record<string, unknown>;
  const texts = [quote, answer, accepted, ...(Array.isArray(questions) ? questions : [null])];
  return texts.every((text) => typeof text === 'string' && text.trim() !== '');
}

/** Why the passage does not prove an example; null: it does. */
function problemOf(
  { quote, answer, accepted, question }: GroundedExample,
  passage: SourcePassage,
  seen: ReadonlySet<string>,
): string | null {
  const [said, words, key] = [normaliseText(passage.text), normaliseText(quote), normaliseText(accepted)];
  if (words.length < LEAST_QUOTE) return `has a quote of ${words.length} characters`;
  if (!said.includes(words)) return 'has a quote that does not stand in its passage';
  if (!words.includes(key)) return 'accepts words that do not stand in its quote';
  if (!normaliseText(answer).includes(key)) return 'has an answer without the words that it accepts';
  if (normaliseText(question).includes(key)) return 'gives its answer away';
  return seen.has(normaliseText(question)) ? 'repeats a question before it' : null;
}
