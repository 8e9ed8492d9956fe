import { Row } from '@cogumi/contracts';
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
  map: (record) => {
    const { question_id: id, domain, licence, terms, reasoning, ...own } = OwnRow.parse(record);
    return {
      ...own,
      id,
      // Without reasoning of its own it may still be in the answer.
      ...(reasoning !== null && { reasoning }),
      ...(domain !== null && { domain }),
      ...(licence !== undefined && !UNKNOWN.test(licence) && { licence }),
      ...(terms !== null && terms !== undefined && { terms }),
    };
  },
};
