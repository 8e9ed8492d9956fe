import type { Message } from '@cogumi/contracts';
import { parseJson } from '../../formats/parse-json.ts';
import { systemTurn } from './conversation.ts';
import { idOf, isText, optionalText, type Shape, textOf } from './shape.ts';

/** Stanford Alpaca and sets in its format (Alpaca-GPT4, CodeAlpaca, WizardLM 70k); LIMA adds earlier turns as pairs. */
export const alpaca: Shape = {
  name: 'alpaca',
  fields: 'instruction, input?, output | response, system?, history?',
  fits: ({ instruction, output, response }) => typeof instruction === 'string' && (isText(output) || isText(response)),
  map: ({ instruction, input, output, response, system, history, id }) => ({
    id: idOf(id),
    history: [...systemTurn(optionalText(system)), ...readPairs(history)],
    question: joinInput(textOf(instruction), optionalText(input)),
    answer: textOf(output ?? response),
  }),
};

/** Joins an instruction and its input text. */
export function joinInput(instruction: string, input: string): string {
  return input === '' ? instruction : `${instruction}\n${input}`;
}

/** Reads earlier turns that are given as pairs `[question, answer]`, also as the JSON text of such a list. */
export function readPairs(given: unknown): Message[] {
  const parsed = typeof given === 'string' ? parseJson(given) : { value: given };
  const history = 'value' in parsed ? parsed.value : [];
  if (!Array.isArray(history)) return [];
  return history.flatMap((pair: unknown): Message[] => {
    if (!Array.isArray(pair)) return [];
    const [question, answer] = pair as unknown[];
    return [
      { role: 'user', content: textOf(question) },
      { role: 'assistant', content: textOf(answer) },
    ];
  });
}
