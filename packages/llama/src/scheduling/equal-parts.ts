import type { Entry } from '../binding/native-batch.ts';

/**
 * Splits a pass as llama.cpp does with a cache for each sequence: a part has sequences with numbers side by side and equally many
 * tokens of each. A part stays whole, with its tokens in order.
 *
 * @param entries - Sorted by sequence.
 */
export function equalParts<Part extends Entry>(entries: readonly Part[]): Part[][] {
  let waiting = [...Map.groupBy(entries, ({ sequence }) => sequence)].map(([sequence, own]) => ({ sequence, own }));
  const parts: Part[][] = [];
  while (waiting.length > 0) {
    const first = waiting[0]!.sequence;
    const beside = waiting.filter(({ sequence }, at) => sequence === first + at);
    const count = Math.min(...beside.map(({ own }) => own.length));
    parts.push(beside.flatMap(({ own }) => own.slice(0, count)));
    waiting = waiting
      .map(({ sequence, own }, at) => ({ sequence, own: at < beside.length ? own.slice(count) : own }))
      .filter(({ own }) => own.length > 0);
  }
  return parts;
}
