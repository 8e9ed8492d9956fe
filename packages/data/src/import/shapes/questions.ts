import { systemTurn } from './conversation.ts';
import { idOf, type Shape, textOf } from './shape.ts';

/** MetaMathQA (Yu et al. 2023, arXiv:2309.12284). */
export const metamath: Shape = {
  name: 'metamath',
  fields: 'query, response',
  fits: ({ query, response }) => typeof query === 'string' && typeof response === 'string',
  map: ({ query, response }) => ({ question: textOf(query), answer: textOf(response) }),
};

/** OpenOrca: FLAN questions under a system prompt. */
export const openorca: Shape = {
  name: 'openorca',
  fields: 'system_prompt?, question, response, id?',
  fits: ({ question, response }) => typeof question === 'string' && typeof response === 'string',
  map: ({ system_prompt: system, question, response, id }) => ({
    id: idOf(id),
    history: systemTurn(textOf(system)),
    question: textOf(question),
    answer: textOf(response),
  }),
};

/** GSM8K, whose answers hold `<<2+3=5>>` for a calculator and end in `#### 5`: kept as they are. */
export const gsm8k: Shape = {
  name: 'gsm8k',
  fields: 'question, answer',
  fits: ({ question, answer }) => typeof question === 'string' && typeof answer === 'string',
  map: ({ question, answer, id }) => ({ id: idOf(id), question: textOf(question), answer: textOf(answer) }),
};
