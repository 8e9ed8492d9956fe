import type { Teacher } from '@cogumi/contracts';
import type { ChatCall } from './provider.ts';
import { objectIn } from './reply-objects.ts';
import type { RequestContext, TeacherPool } from './teacher-pool.ts';

/** A question that a model answered wrong. */
export interface FailedReply {
  readonly question: string;
  readonly answer: string;
  /** What the check said. */
  readonly reason: string;
}

export interface Critiques {
  /** Of each failure what the model did wrong, in the order given; null: no reply had it. */
  readonly critiques: readonly (string | null)[];
  readonly requests: number;
}

/** Failures of a request (spec F4). */
export const FAILURES_PER_REQUEST = 34;
/** A critique is a sentence or two (chosen). */
const TOKENS_PER_CRITIQUE = 80;
/** Characters of a question and an answer that the critic reads (chosen: what goes wrong shows before). */
const LONGEST = 1500;

const CRITIQUES = {
  type: 'object',
  additionalProperties: false,
  required: ['critiques'],
  properties: {
    critiques: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['number', 'critique'],
        properties: { number: { type: 'integer' }, critique: { type: 'string' } },
      },
    },
  },
} as const;

const LABEL = {
  type: 'object',
  additionalProperties: false,
  required: ['label'],
  properties: { label: { type: 'string' } },
} as const;

/**
 * Lets a teacher say what a model did wrong, many failures a request. Equal failures are asked once. What a reply leaves out, or all of a
 * reply that cannot be read, is asked again in requests of half the size, down to single failures. The ledger keeps every reply, so that
 * a run that was stopped buys none twice.
 *
 * @param perRequest - Failures of the first requests.
 */
export async function critiqueFailures(
  failures: readonly FailedReply[],
  { critic, perRequest = FAILURES_PER_REQUEST }: { critic: Teacher; perRequest?: number },
  teacherPool: Pick<TeacherPool, 'complete'>,
  requestContext: Pick<RequestContext, 'stage' | 'signal' | 'onProgress'>,
): Promise<Critiques> {
  const keys = failures.map(({ question, answer, reason }) => JSON.stringify([question, answer, reason]));
  const distinct = [...new Map(keys.map((key, at) => [key, failures[at]!]))];
  const found = new Map<string, string>();
  let requests = 0;
  let size = perRequest;
  while (true) {
    const open = distinct.filter(([key]) => !found.has(key));
    if (open.length === 0) break;
    const batches = Array.from({ length: Math.ceil(open.length / size) }, (_, at) =>
      open.slice(at * size, (at + 1) * size),
    );
    const calls = batches.map((batch) => critiqueCall(batch.map(([, failure]) => failure)));
    const replies = await teacherPool.complete(critic, calls, {
      ...{ stage: requestContext.stage, signal: requestContext.signal, tier: null, batchable: true },
    });
    requests += calls.length;
    for (const [at, batch] of batches.entries())
      for (const [number, critique] of readCritiques(replies[at] ?? null)) {
        const key = batch[number - 1]?.[0];
        if (key !== undefined && !found.has(key)) found.set(key, critique);
      }
    requestContext.onProgress?.(keys.filter((key) => found.has(key)).length);
    const largest = Math.min(size, open.length);
    // The same failure alone would be the same request.
    if (largest === 1) break;
    size = Math.ceil(largest / 2);
  }
  return { critiques: keys.map((key) => found.get(key) ?? null), requests };
}

/**
 * Lets a teacher name what the failures of each group have in common, in a few words.
 *
 * @param groups - Some failures of each.
 * @returns A label for each; null: the teacher gave none.
 */
export async function labelFailures(
  groups: readonly (readonly (FailedReply & { readonly critique: string | null })[])[],
  critic: Teacher,
  teacherPool: Pick<TeacherPool, 'complete'>,
  requestContext: Pick<RequestContext, 'stage' | 'signal'>,
): Promise<(string | null)[]> {
  const calls = groups.map((failures): Omit<ChatCall, 'model'> => {
    const shown = failures.map((one, at) => `${told(one, at + 1)}${one.critique ? `\nCritique: ${one.critique}` : ''}`);
    return {
      messages: [
        {
          role: 'system',
          content:
            'You name what failures of a language model have in common. Reply with JSON alone: {"label": "at most six words that name the skill that is missing"}',
        },
        { role: 'user', content: shown.join('\n\n') },
      ],
      ...{ maxTokens: 4 * TOKENS_PER_CRITIQUE, temperature: 0, schema: LABEL, question: null },
    };
  });
  const replies = await teacherPool.complete(critic, calls, { ...requestContext, tier: null, batchable: true });
  return replies.map((reply) => {
    const label = objectIn(reply)?.label;
    return typeof label === 'string' && label.trim() !== '' ? label.trim() : null;
  });
}

function critiqueCall(failures: readonly FailedReply[]): Omit<ChatCall, 'model'> {
  return {
    messages: [
      {
        role: 'system',
        content:
          'You say what a language model did wrong, so that it can be taught. For each failure write one or two sentences: what it misunderstood or cannot do. Do not give the right answer alone. Reply with JSON alone: {"critiques": [{"number": 1, "critique": "…"}]}, one for each number.',
      },
      { role: 'user', content: failures.map((failure, at) => told(failure, at + 1)).join('\n\n') },
    ],
    maxTokens: TOKENS_PER_CRITIQUE * (failures.length + 1),
    temperature: 0,
    schema: CRITIQUES,
    question: null,
  };
}

function told({ question, answer, reason }: FailedReply, number: number): string {
  return `Failure ${number}\nQuestion: ${question.slice(0, LONGEST)}\nAnswer: ${answer.slice(0, LONGEST)}\nCheck: ${reason}`;
}

/** Number and text of each critique in a reply; what is no critique is left out. */
function readCritiques(reply: string | null): [number, string][] {
  const critiques = objectIn(reply)?.critiques;
  if (!Array.isArray(critiques)) return [];
  return critiques.flatMap((one: unknown): [number, string][] => {
    const { number, critique } = (one ?? {}) as Record<string, unknown>;
    if (!Number.isInteger(number) || typeof critique !== 'string' || critique.trim() === '') return [];
    return [[number as number, critique.trim()]];
  });
}
