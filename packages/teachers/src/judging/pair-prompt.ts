import type { ChatCall } from '../provider.ts';
import { flatObjectIn } from '../reply-objects.ts';
import type { LabelledPair, Preference } from './labels.ts';

const ROLE = `You compare two answers to one question. The better answer does what is asked, is correct, and can be understood. Neither the order nor the length of the answers counts. Reply with JSON alone: {"better": "A"}, {"better": "B"} or {"better": "tie"}`;

/** JSON Schema of a verdict. */
const VERDICT = {
  type: 'object',
  additionalProperties: false,
  required: ['better'],
  properties: { better: { type: 'string', enum: ['A', 'B', 'tie'] } },
} as const;

/** A verdict takes about 10 tokens; reasoning models need more (chosen). */
const MOST_TOKENS = 512;

/** Everything that the judge is told besides question and answers: a passport holds for it. */
export const PAIR_PROMPT = { role: ROLE, schema: VERDICT, form: pairText('…', '…', '…'), maxTokens: MOST_TOKENS };

/** Two answers, in this order or the other. */
export function pairCall(
  { question, first, second }: Pick<LabelledPair, 'question' | 'first' | 'second'>,
  { swapped, temperature }: { readonly swapped: boolean; readonly temperature: number },
): Omit<ChatCall, 'model'> {
  const [above, below] = swapped ? [second, first] : [first, second];
  return {
    messages: [
      { role: 'system', content: ROLE },
      { role: 'user', content: pairText(question, above, below) },
    ],
    maxTokens: MOST_TOKENS,
    temperature,
    schema: VERDICT,
    question: null,
  };
}

function pairText(question: string, above: string, below: string): string {
  return `Question:\n${question}\n\nAnswer A:\n${above}\n\nAnswer B:\n${below}`;
}

/** The verdict in a reply, in the order of the pair; null: there is none. */
export function readPreference(reply: string | null, swapped: boolean): Preference | null {
  const better = flatObjectIn(reply)?.better;
  if (better === 'tie') return 'tie';
  if (better !== 'A' && better !== 'B') return null;
  return (better === 'A') !== swapped ? 'first' : 'second';
}
