import { choicePieces } from '../choice-pieces.ts';
import type { Answer, AnswerRequest, ChoicePiece } from '../runtime.ts';

/** An answer whose turn has come. */
export interface BegunAnswer {
  readonly answer: Answer;
  /** Ends its turn. */
  readonly end: () => void;
}

/**
 * Answers several requests as one. Their choices are numbered through, those of the first from 0, and each takes a turn of its own, so that a
 * list does not keep others waiting until its end.
 *
 * @param parallel - Most that are answered at a time.
 * @param begin - Waits for a turn and prepares an answer.
 * @returns The answer to the first, with the pieces of all.
 */
export async function answerList(
  requests: readonly AnswerRequest[],
  parallel: number,
  begin: (request: AnswerRequest, signal: AbortSignal) => Promise<BegunAnswer>,
  signal: AbortSignal,
): Promise<Answer> {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const [head, ...waiting] = requests.map((request, place) => ({ request, place }));
  if (head === undefined) throw new RangeError('a list without a prompt');
  const first = await begin(head.request, either);
  async function* line(begun: BegunAnswer | null) {
    if (begun !== null) yield* numbered(begun, 0);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { request, place } = next;
      yield* numbered(await begin(request, either), place * (request.choices ?? 1));
    }
  }
  const lines = choicePieces(
    Math.min(parallel, requests.length),
    (at, ended) => {
      ended?.addEventListener('abort', () => left.abort(), { once: true });
      return line(at === 0 ? first : null);
    },
    either,
  );
  return { ...first.answer, pieces: unwrapped(lines) };
}

/** The pieces of an answer, whose choices are numbered from a place on. */
async function* numbered({ answer, end }: BegunAnswer, from: number): AsyncGenerator<{ readonly piece: ChoicePiece }> {
  try {
    for await (const piece of answer.pieces) yield { piece: { ...piece, choice: from + piece.choice } };
  } finally {
    end();
  }
}

async function* unwrapped(lines: AsyncIterable<{ readonly piece: ChoicePiece }>): AsyncGenerator<ChoicePiece> {
  for await (const { piece } of lines) yield piece;
}
