import { Row } from '@cogumi/contracts';
import type { Shape } from './shape.ts';

const UNKNOWN = /^\s*(unknown)?\s*$/i;
const OwnRow = Row.omit({ hash: true }).partial({ licence: true, terms: true }).strip();

/**
 * Our own rows, of another build or by hand: they keep what they say of themselves. What they leave open their source says,
 * so that no licence, terms or domain of a recipe is lost.
 */
export const row: Shape = {
  name: 'row',
  fields: Object.keys(OwnRow.shape).join(', '),
  fits: (record) => OwnRow.safeParse(record).success,
  map: (record) => {
    const { question_id: id, domain, licence, terms, ...own } = OwnRow.parse(record);
    return {
      ...own,
      id,
      ...(domain !== null && { domain }),
      ...(licence !== undefined && !UNKNOWN.test(licence) && { licence }),
      ...(terms !== null && terms !== undefined && { terms }),
    };
  },
};
