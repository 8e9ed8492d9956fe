import { BATCH_TOKENS, OUTPUT_TOKENS } from '../binding/model.ts';
import type { Entry } from '../binding/native-batch.ts';
import type { Slot } from './slot.ts';

/**
 * Tokens of the next pass: those of running answers, the rest for prompts, those of earlier requests first. Sorted by sequence, as llama.cpp
 * prefers.
 *
 * @param slots - In the order in which they began.
 * @param most - Most tokens of prompts.
 */
export function fillPass(slots: readonly Slot[], most: number): Entry[] {
  const rows = slots.reduce((sum, slot) => sum + slot.rows, 0);
  let left = Math.min(BATCH_TOKENS - rows, most);
  // The last token of each prompt has logits.
  let outputs = Math.max(0, OUTPUT_TOKENS - rows - slots.filter(({ answering }) => !answering).length);
  return slots
    .map((slot) => {
      if (slot.answering) return { slot, entries: slot.nextEntries(0) };
      const entries = slot.nextEntries(slot.echoing ? Math.min(left, outputs + 1) : left);
      left -= entries.length;
      if (slot.echoing) outputs -= Math.max(0, entries.length - 1);
      return { slot, entries };
    })
    .sort((one, other) => one.slot.sequence - other.slot.sequence)
    .flatMap(({ entries }) => entries);
}
