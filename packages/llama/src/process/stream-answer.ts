import type { GeneratePiece, GenerateRequest } from '../types/answers.ts';
import type { ModelProcess } from './start-process.ts';

/** Yields the pieces of one answer. Leaving the loop stops decoding; aborting the signal ends the answer as `cancelled`. */
export async function* streamAnswer(
  child: ModelProcess,
  request: GenerateRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratePiece> {
  const pieces: GeneratePiece[] = [];
  let wake = () => {};
  let failure: unknown = null;
  let over = false;
  const { id, done } = child.stream({ kind: 'generate', request }, (piece) => {
    pieces.push(piece);
    wake();
  });
  const cancel = () => child.post({ kind: 'cancel', target: id });
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  done
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => {
      over = true;
      wake();
    });
  try {
    while (true) {
      const piece = pieces.shift();
      if (piece) yield piece;
      else if (failure !== null) throw failure;
      else if (over) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (!over) cancel();
  }
}
