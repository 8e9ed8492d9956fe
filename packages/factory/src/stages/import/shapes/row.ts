import { Row } from '@cogumi/contracts';
import type { Shape } from './shape.ts';

const OwnRow = Row.omit({ hash: true }).partial({ terms: true }).strip();

/** Our own rows, of another build or by hand: they keep what they say of themselves. */
export const row: Shape = {
  name: 'row',
  fields: Object.keys(OwnRow.shape).join(', '),
  fits: (record) => OwnRow.safeParse(record).success,
  map: (record) => {
    const { question_id: id, terms = null, ...own } = OwnRow.parse(record);
    return { id, terms, ...own };
  },
};
