import { type Fields, isFields, type Rejection } from '../shapes/shape.ts';

/**
 * Fields that say whether an answer may be learned: `weight` of OpenAI, axolotl and Mistral, `train`, `training` and
 * `train_detail` of axolotl, `loss` and `loss_scale` of ms-swift, `assistant_masks` of TRL and Transformers.
 */
const LEARNED = [
  'weight',
  'train',
  'training',
  'trainable',
  'train_detail',
  'loss',
  'loss_weight',
  'loss_scale',
  'loss_mask',
  'assistant_mask',
  'assistant_masks',
];
/** Fields that say the opposite: true hides the answer from the loss. */
const HIDDEN = ['mask', 'masked'];

/** Reads whether an answer may be learned from the fields of its turn: it may if no field says that it may not. */
export function mayLearn(turn: Fields): boolean | Rejection {
  let learned = true;
  for (const [name, yes] of FLAGS) {
    const value = Object.hasOwn(turn, name) ? flagOf(turn[name]) : null;
    if (value === 'unclear') return unclear(name, turn[name]);
    if (value !== null && value !== yes) learned = false;
  }
  return learned;
}

/** False if a field of the whole record says that nothing of it may be learned; other values have other meanings there. */
export function mayLearnRecord(record: Fields): boolean {
  return FLAGS.every(([name, yes]) => {
    const value = Object.hasOwn(record, name) && !Array.isArray(record[name]) ? flagOf(record[name]) : null;
    return value === null || value === 'unclear' || value === yes;
  });
}

/** Reads lists of a record that have a value for each turn, such as `loss_mask`. @returns One value a turn. */
export function mayLearnTurns(record: Fields, count: number): boolean[] | Rejection {
  const learned = new Array<boolean>(count).fill(true);
  for (const [name, yes] of FLAGS) {
    const values: unknown = record[name];
    if (!Array.isArray(values)) continue;
    if (values.length !== count)
      return { code: 'bad-weight', reason: `has ${values.length} values in \`${name}\` for ${count} turns` };
    for (const [turn, value] of values.entries()) {
      const flag = flagOf(value);
      if (flag === 'unclear') return unclear(name, value);
      if (flag !== null && flag !== yes) learned[turn] = false;
    }
  }
  return learned;
}

/** Each field with the value that lets an answer be learned. */
const FLAGS: readonly (readonly [string, boolean])[] = [
  ...LEARNED.map((name) => [name, true] as const),
  ...HIDDEN.map((name) => [name, false] as const),
];

/** Yes, no, null for no value, or `unclear`: a share between 0 and 1, a list of both, another text. */
function flagOf(value: unknown): boolean | null | 'unclear' {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return flagOfText(value);
  if (!Array.isArray(value)) return 'unclear';
  // Axolotl's `train_detail` has parts of a text, others have a value a token: only all or none is a turn's.
  const parts = new Set(
    value.map((part) => flagOf(isFields(part) ? part.train : part)).filter((part) => part !== null),
  );
  const [only = null] = parts;
  return parts.size > 1 ? 'unclear' : only;
}

function flagOfText(value: string | number | bigint): boolean | 'unclear' {
  const text = String(value).trim().toLowerCase();
  if (text === 'true' || text === 'yes') return true;
  if (text === 'false' || text === 'no') return false;
  const number = text === '' ? Number.NaN : Number(text);
  return number === 1 ? true : number === 0 ? false : 'unclear';
}

function unclear(name: string, value: unknown): Rejection {
  const shown = typeof value === 'object' ? JSON.stringify(value).slice(0, 60) : String(value).slice(0, 60);
  return {
    code: 'bad-weight',
    reason: `has an answer with \`${name}\` ${shown}: an answer is learned whole or not at all (1 or 0, true or false)`,
  };
}
