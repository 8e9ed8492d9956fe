import { createRandom } from '@cogumi/pure';
import type { Labels } from './read-labels.ts';

/** At most so many of the labels, drawn by chance, always the same ones: their file may be sorted. */
export function sampleLabels(labels: Labels, most: number): Labels {
  if (labels.items.length <= most) return labels;
  const { items, ...rest } = labels;
  const sampled = createRandom('labels').sample<unknown>(items, most);
  return { ...rest, items: sampled } as unknown as Labels;
}
