/**
 * Pieces of several answers, in the order in which they come. Leaving the loop ends all of them.
 *
 * @param generate - Starts one answer, which ends when the signal is aborted.
 */
export async function* choicePieces<Piece>(
  choices: number,
  generate: (choice: number, signal: AbortSignal | undefined) => AsyncGenerator<Piece>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece & { readonly choice: number }> {
  if (choices === 1) {
    for await (const piece of generate(0, signal)) yield { ...piece, choice: 0 };
    return;
  }
  // A generator cannot be left while it waits for its next piece, but its signal ends it.
  const left = new AbortController();
  const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const answers = Array.from({ length: choices }, (_, choice) => generate(choice, either));
  const next = async (choice: number) => ({ choice, result: await (answers[choice] as AsyncGenerator<Piece>).next() });
  const waiting = new Map(answers.map((_, choice) => [choice, next(choice)]));
  try {
    while (waiting.size > 0) {
      const { choice, result } = await Promise.race(waiting.values());
      if (result.done) waiting.delete(choice);
      else {
        waiting.set(choice, next(choice));
        yield { ...result.value, choice };
      }
    }
  } finally {
    left.abort();
    await Promise.allSettled(waiting.values());
  }
}
