import { systemTurn } from './conversation.ts';
import { idOf, isText, optionalText, type Shape, textOf } from './shape.ts';

/** MetaMathQA (Yu et al. 2023, arXiv:2309.12284). */
export const metamath: Shape = {
  name: 'metamath',
  fields: 'query, response',
  fits: ({ query, response }) => typeof query === 'string' && isText(response),
  map: ({ query, response }) => ({ question: textOf(query), answer: textOf(response) }),
};

/** OpenOrca: FLAN questions under a system prompt. */
export const openorca: Shape = {
  name: 'openorca',
  fields: 'system_prompt?, question, response, id?',
  fits: ({ question, response }) => typeof question === 'string' && isText(response),
  map: ({ system_prompt: system, question, response, id }) => ({
    id: idOf(id),
    history: systemTurn(optionalText(system)),
    question: textOf(question),
    answer: textOf(response),
  }),
};

/** GSM8K, whose answers hold `<<2+3=5>>` for a calculator and end in `#### 5`: kept as they are. */
export const gsm8k: Shape = {
  name: 'gsm8k',
  fields: 'question, answer',
  // A number next to choices is the place of one of them, as in MMLU, and no answer.
  fits: ({ question, answer, choices, options }) =>
    typeof question === 'string' &&
    (typeof answer === 'string' || (isText(answer) && !isChoices(choices) && !isChoices(options))),
  map: ({ question, answer, id }) => ({ id: idOf(id), question: textOf(question), answer: textOf(answer) }),
};

function isChoices(value: unknown): boolean {
  return value !== null && typeof value === 'object';
}
