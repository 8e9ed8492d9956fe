import { concludingNumber } from '@cogumi/pure';
import type { Extracted } from './extracted.ts';

/** The number that an answer comes to, as digits. */
export function extractNumber(answer: string): Extracted | null {
  const found = concludingNumber(answer);
  return found && { text: String(found.value), complete: found.stated };
}
