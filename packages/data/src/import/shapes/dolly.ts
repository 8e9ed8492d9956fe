import { joinInput } from './alpaca.ts';
import { fromLabels } from './labels.ts';
import { idOf, isText, optionalText, type Shape, textOf } from './shape.ts';

/** Databricks Dolly 15k; also with `instruction` and `text`, the format in which studies of it keep the human answer. */
export const dolly: Shape = {
  name: 'dolly',
  fields: 'instruction, context?, response | text, category?',
  fits: ({ instruction, context, category, response, text, output }) =>
    typeof instruction === 'string' &&
    ((isText(response) && (context !== undefined || category !== undefined)) ||
      (typeof text === 'string' && output === undefined && response === undefined)),
  map: ({ instruction, context, response, text, category, id }) => ({
    id: idOf(id),
    question: joinInput(textOf(instruction), optionalText(context)),
    answer: textOf(response ?? text),
    ...fromLabels(category),
  }),
};
