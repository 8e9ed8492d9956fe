import { alpaca } from './alpaca.ts';
import { messages, sharegpt } from './chats.ts';
import { dolly } from './dolly.ts';
import { hh } from './hh.ts';
import { magpie } from './magpie.ts';
import { promptCompletion } from './prompt-completion.ts';
import { gsm8k, metamath, openorca } from './questions.ts';
import { row } from './row.ts';
import { type Fields, isFields, type Shape } from './shape.ts';

/** All known shapes. The first of equally fitting ones is used, so shapes with more required fields come first. */
export const SHAPES: readonly Shape[] = [
  row,
  magpie,
  dolly,
  alpaca,
  sharegpt,
  messages,
  hh,
  metamath,
  openorca,
  gsm8k,
  promptCompletion,
];

const ALIASES: Readonly<Record<string, string>> = { codealpaca: 'alpaca' };

/** The shape for a `format` of the recipe. */
export function shapeNamed(name: string): Shape {
  const found = SHAPES.find((shape) => shape.name === (ALIASES[name] ?? name));
  if (!found) throw new RangeError(`no shape is called "${name}"`);
  return found;
}

/** The shape that fits most records; null if no shape fits any. */
export function findShape(records: readonly unknown[]): Shape | null {
  const fields = records.filter((record): record is Fields => isFields(record));
  const counts = SHAPES.map((shape) => fields.filter((record) => shape.fits(record)).length);
  const most = Math.max(...counts);
  return most === 0 ? null : (SHAPES[counts.indexOf(most)] as Shape);
}
