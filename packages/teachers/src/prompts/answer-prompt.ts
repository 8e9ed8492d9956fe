import { type Question, turnsOf } from '@cogumi/contracts';
import type { ChatCall } from '../provider.ts';

/** Token limits of a direct answer, and of draft, critique and revision (chosen). They truncate the reply and bound its price. */
const EASY_TOKENS = 1024;
const HARD_TOKENS = 4096;

const DIRECT = 'Answer the question directly and correctly. Give the answer alone: no preamble, no closing remark.';

const STRUCTURED = `Work in three steps, then answer. Reply in exactly this form, with nothing before or after it:
<thinking>[DRAFT] your first answer, worked out in full
[CRITIQUE] what is wrong, missing or unclear in the draft; check every fact and every step
[REVISED] the answer with those faults mended</thinking><answer>the final answer alone, as it should be given to the person who asked</answer>`;

/** Temperature of repeated samples (the temperature of self-consistency, Wang et al. 2023, section 3). */
const SAMPLING_TEMPERATURE = 0.7;

/**
 * The prompt for a question: easy ones are asked directly, hard ones for draft, critique and revision.
 *
 * @param again - Whether it was asked before, so that a different reply is expected.
 */
export function answerPrompt(question: Question, again: boolean): Omit<ChatCall, 'model'> {
  const hard = question.difficulty === 'hard';
  const turns = turnsOf(question);
  // Providers take one system message: what stands over the conversation goes before how to answer.
  const own = turns.filter(({ role }) => role === 'system').map(({ content }) => content);
  return {
    messages: [
      { role: 'system', content: [...own, hard ? STRUCTURED : DIRECT].join('\n\n') },
      ...turns.filter(({ role }) => role !== 'system'),
    ],
    maxTokens: hard ? HARD_TOKENS : EASY_TOKENS,
    temperature: again ? SAMPLING_TEMPERATURE : 0,
    schema: null,
    question,
  };
}
