import type { Completion, FinalPiece, GenerateRequest } from '../types/answers.ts';
import type { Scheduler } from './scheduler.ts';

/** Decodes a list of requests while no other request runs. `shared`: as in `addAll`. @returns The answers in the order of the list. */
export async function completeList(
  scheduler: Scheduler,
  owner: number,
  requests: readonly GenerateRequest[],
  shared: boolean,
  onDone: (done: number) => void,
): Promise<Completion[]> {
  let done = 0;
  const answers = requests.map((request) => {
    const { promise, resolve, reject } = Promise.withResolvers<Completion>();
    // `addAll` may refuse the whole list before anything awaits these promises.
    promise.catch(() => undefined);
    let text = '';
    const ids: number[] = [];
    const logprobs: number[] = [];
    return {
      request,
      promise,
      sink: {
        text: (piece: { text: string; ids: readonly number[]; logprobs: readonly number[] }) => {
          text += piece.text;
          ids.push(...piece.ids);
          logprobs.push(...piece.logprobs);
        },
        end: ({ kind: _, ...final }: FinalPiece) => {
          onDone(++done);
          resolve({ text, ids, logprobs, ...final });
        },
        fail: reject,
      },
    };
  });
  scheduler.addAll(
    owner,
    answers.map(({ request, sink }) => [request, sink] as const),
    shared,
  );
  return Promise.all(answers.map(({ promise }) => promise));
}
