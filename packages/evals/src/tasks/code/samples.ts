import type { CodeItem, TaskOptions } from '../task.ts';

/** lm-eval's sampling of several answers (`humaneval_64`). */
const SAMPLING = { temperature: 0.2, topP: 0.95 } as const;

/** Each item as often as answers are wanted; several answers are sampled, each with a seed of its own. */
export function sampled(
  items: readonly CodeItem[],
  { samples = 1, temperature = SAMPLING.temperature }: TaskOptions,
): CodeItem[] {
  if (samples === 1) return [...items];
  return items.flatMap((item) =>
    Array.from({ length: samples }, (_, seed) => ({
      ...item,
      id: `${item.id}#${seed + 1}`,
      request: { ...item.request, sampling: { ...SAMPLING, temperature, seed: seed + 1 } },
    })),
  );
}
