import { randomBytes } from 'node:crypto';
import { type Fields, isFields, type Rejection } from './shapes/shape.ts';

/** Begins with a character that no text may hold, and is random: no record contains it. */
const MARK = `\ufdd0${randomBytes(4).toString('hex')}`;
const MARKED = new RegExp(`${MARK}(NaN|-?Infinity)@([^\ufdd1"]*)`);

/**
 * The fields that a record has, as shapes read them:
 *
 * - A null inside a field is left out, and an object that has nothing else. Arrow gives each struct the fields of all others and fills
 *   them with null, so that a call would have the parameters of other tools; pandas and `datasets` write these nulls into JSON. A null
 *   in a list, and one in a JSON text, is meant.
 * - `NaN` as a field is no value, as in pandas. Elsewhere `NaN` and infinity become marks, which `findMark` finds in what a shape has
 *   read: in a field that nobody reads they cost no row.
 *
 * @param record - Not nested too deep.
 * @returns The record itself if nothing changes.
 */
export function presentFields(record: Fields): Fields {
  let changed = false;
  const entries = Object.entries(record).map(([name, value]): [string, unknown] => {
    const now = Number.isNaN(value) ? null : (present(value, name) ?? null);
    if (now !== value) changed = true;
    return [name, now];
  });
  return changed ? Object.fromEntries(entries) : record;
}

/** Puts marks for `NaN` and infinity into a value that was read from the JSON text of a field. */
export function markNumbers(value: unknown, field: string): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : markOf(value, field);
  if (Array.isArray(value)) return value.map((inner) => markNumbers(inner, field));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, markNumbers(inner, field)]));
}

/** A rejection that names the number and its field, if the text holds a mark. */
export function findMark(text: string): Rejection | null {
  if (!text.includes(MARK)) return null;
  const [, number = 'NaN', field = ''] = MARKED.exec(text) ?? [];
  return notFinite(field, number);
}

/** A rejection that names the first of these fields that is `NaN`: a record without an answer may have lost it so. */
export function findNan(record: Fields, fields: string): Rejection | null {
  const names: readonly string[] = fields.match(/\w+/g) ?? [];
  const name = Object.keys(record).find((field) => Number.isNaN(record[field]) && names.includes(field));
  return name === undefined ? null : notFinite(name, 'NaN');
}

function notFinite(field: string, number: string): Rejection {
  const reason = `has ${number} in its field \`${field}\``;
  return { code: 'not-finite', reason, hint: `A row ${reason}: write a text or a number there, or null for no value.` };
}

function markOf(number: number, field: string): string {
  return `${MARK}${number}@${field.slice(0, 40)}\ufdd1`;
}

/** The value without padding, the same object if nothing changes; undefined for padding. */
function present(value: unknown, field: string): unknown {
  if (value === null) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : markOf(value, field);
  if (Array.isArray(value)) {
    const list = value.map((inner: unknown) => (inner === null ? null : (present(inner, field) ?? {})));
    return list.some((inner, at) => inner !== value[at]) ? list : value;
  }
  if (!isFields(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, inner, present(inner, field)] as const);
  if (entries.every(([, before, now]) => now === before && now !== undefined)) return value;
  const kept = entries.flatMap(([name, , now]) => (now === undefined ? [] : [[name, now] as const]));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
