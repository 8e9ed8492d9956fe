import { fromChat } from './chats.ts';
import { systemTurn } from './conversation.ts';
import { type Fields, idOf, isFields, isText, optionalText, type Rejection, type Shape, textOf } from './shape.ts';
import { isTurnList, turnList } from './turn-list.ts';

/** TRL's pairs and those of OpenAI's first fine-tuning API: texts, or lists of messages that belong one after the other. */
export const promptCompletion: Shape = {
  name: 'prompt-completion',
  fields: 'prompt, completion | response: texts or [{role, content}], system?, tools?',
  fits: ({ prompt, completion, response }) => isPrompt(prompt) && (isPart(completion) || isPart(response)),
  map: (record, roles) => {
    const { prompt, completion, response, system, id, uuid } = record;
    const answer = completion ?? response;
    if (!isTurnList(prompt) && !isMessage(prompt) && isText(answer) && !isTurnList(answer)) {
      return {
        id: idOf(id ?? uuid),
        history: systemTurn(optionalText(system)),
        question: textOf(prompt),
        answer: textOf(answer),
      };
    }
    const asked = turnsOf(prompt, 'user', 'prompt');
    if ('code' in asked) return asked;
    const answered = turnsOf(answer, 'assistant', completion === undefined ? 'response' : 'completion');
    if ('code' in answered) return answered;
    return fromChat([...asked, ...answered], record, roles);
  },
};

function isPrompt(value: unknown): boolean {
  return typeof value === 'string' || isTurnList(value) || isMessage(value);
}

function isPart(value: unknown): boolean {
  return isText(value) || isTurnList(value) || isMessage(value);
}

function isMessage(value: unknown): value is Fields {
  return isFields(value) && typeof value.role === 'string';
}

function turnsOf(value: unknown, role: string, field: string): readonly Fields[] | Rejection {
  if (isMessage(value)) return [value];
  return isTurnList(value) ? turnList(value, field) : [{ role, content: textOf(value) }];
}
