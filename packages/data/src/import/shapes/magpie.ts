import { fromTurns, readTurns } from './conversation.ts';
import { fromLabels } from './labels.ts';
import { idOf, isText, type Shape, textOf } from './shape.ts';
import { isTurnList, turnList } from './turn-list.ts';

/** Magpie: instruction and response, the same as a conversation, and labels by a model (Xu et al. 2024, arXiv:2406.08464). */
export const magpie: Shape = {
  name: 'magpie',
  fields: 'instruction, response, conversations?, task_category?, difficulty?',
  fits: ({ instruction, response, conversations, task_category, difficulty, instruct_reward }) =>
    typeof instruction === 'string' &&
    isText(response) &&
    (isTurnList(conversations) || [task_category, difficulty, instruct_reward].some((label) => label !== undefined)),
  map: ({ instruction, response, conversations, task_category, difficulty, uuid }, roles) => {
    const known = { id: idOf(uuid), ...fromLabels(task_category, difficulty) };
    // Its multi-turn sets have only the first turn in `instruction` and `response`; some sets have the texts only.
    const list = isTurnList(conversations) ? turnList(conversations, 'conversations') : [];
    if ('code' in list) return list;
    if (list.length < 2) return { ...known, question: textOf(instruction), answer: textOf(response) };
    const turns = readTurns(list, roles);
    if ('code' in turns) return turns;
    const mapped = fromTurns(turns);
    return 'code' in mapped ? mapped : { ...mapped, ...known };
  },
};
