import { fencedBlocks, statedAnswer, withoutMarks } from '@cogumi/pure';
import type { Extracted } from './extracted.ts';

/** What opens an answer and is no part of it: "Sure! Here it is:". */
const LEAD_IN = /^[^\n:]{0,120}:[^\S\n]{0,3}(?=\n|["'`*“])|^(?:sure|certainly|of course|okay|ok|here)\b[^\n:]{0,120}:/i;

/**
 * A short text in an answer: what a code block holds, what stands behind "the answer is" or behind a lead-in, up to the first empty
 * line, without quotation marks and emphasis. IFEval's loose accuracy forgives the same.
 *
 * @see Zhou et al. 2023, arXiv:2311.07911
 */
export function extractText(answer: string): Extracted | null {
  const [block] = fencedBlocks(answer);
  const stated = statedAnswer(answer);
  const text = block?.text ?? stated ?? answer.trim().replace(LEAD_IN, '').trim();
  const [paragraph = ''] = text.trim().split(/\n\s*\n/, 1);
  const found = withoutMarks(paragraph).replace(/\s+/g, ' ');
  const complete = block ? block.closed : stated !== null || paragraph.length < text.length;
  return found === '' ? null : { text: found, complete };
}
