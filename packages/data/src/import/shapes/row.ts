import { Row } from '@cogumi/contracts';
import { readTurns, rowTurn } from './conversation.ts';
import type { Shape } from './shape.ts';

const UNKNOWN = /^\s*(unknown)?\s*$/i;
const OwnRow = Row.omit({ hash: true }).partial({ licence: true, terms: true }).strip();

/**
 * Rows in Cogumi's own format, from another build or written by hand. They keep their own values; the recipe's source fills in
 * licence, terms and domain where they have none.
 */
export const row: Shape = {
  name: 'row',
  fields: Object.keys(OwnRow.shape).join(', '),
  fits: (record) => OwnRow.safeParse(record).success,
  map: (record, roles) => {
    const { question_id: id, domain, licence, terms, reasoning, history: _, steps: __, ...own } = OwnRow.parse(record);
    // As in other chats a turn may be marked as not to be learned, or hold calls and reasoning.
    const history = readTurns(listOf(record.history), roles);
    if ('code' in history) return history;
    const steps = readTurns(listOf(record.steps), roles);
    if ('code' in steps) return steps;
    return {
      ...own,
      id,
      history: history.map(rowTurn),
      ...(steps.length > 0 && { steps: steps.map(rowTurn) }),
      // Without reasoning of its own it may still be in the answer.
      ...(reasoning !== null && { reasoning }),
      ...(domain !== null && { domain }),
      ...(licence !== undefined && !UNKNOWN.test(licence) && { licence }),
      ...(terms !== null && terms !== undefined && { terms }),
    };
  },
};

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
