import type { Entry } from '../binding/native-batch.ts';
import { equalParts } from './equal-parts.ts';
import type { Slot } from './slot.ts';

/**
 * The parts of a pass (`equalParts`), each when the one before has been read: without what follows a guess that was refused by then, or
 * that ended the answer.
 */
export function* expectedParts<Part extends Entry>(
  entries: readonly Part[],
  slots: ReadonlyMap<number, Slot>,
): Generator<Part[]> {
  for (const planned of equalParts(entries)) {
    const continued = planned.filter(({ sequence, position }) => slots.get(sequence)?.expects(position));
    const sequences = new Set(continued.map(({ sequence }) => sequence));
    // What is left may have parts again.
    yield* equalParts(planned.filter(({ output, sequence }) => !output || sequences.has(sequence)));
  }
}
