import { isTooDeep } from '@cogumi/pure';
import { parseJson } from '../../formats/parse-json.ts';
import { markNumbers } from '../present-fields.ts';
import { type Fields, isFields, type Rejection } from './shape.ts';

/** A list of objects as JSON writes it, or as Python's `str` does, with single quotes. */
const LIST_TEXT = /^\s*\[\s*\{/;

/** True for turns in a form that `turnList` reads. A text only looks like turns: it may still not be JSON. */
export function isTurnList(value: unknown): boolean {
  if (typeof value === 'string') return LIST_TEXT.test(value);
  return Array.isArray(value) ? value.every(isFields) : columnsOf(value) !== null;
}

/**
 * Reads the turns of a chat: a list of objects; the JSON text of one, as in a column of CSV; or an object of lists, as which
 * `datasets` stores a list of structs.
 *
 * @param field - Its name, for the reason.
 * @param value - One for which `isTurnList` is true.
 */
export function turnList(value: unknown, field: string): readonly Fields[] | Rejection {
  if (Array.isArray(value)) return value as Fields[];
  if (typeof value !== 'string') return columnsOf(value) ?? [];
  const parsed = parseJson(value);
  if ('reason' in parsed) {
    const reason = `has a chat in \`${field}\` that ${parsed.reason}`;
    const python = parsed.reason === 'is not JSON' && value.includes("'");
    if (!python) return { code: 'other-format', reason };
    const hint = `The column \`${field}\` holds lists as Python shows them: write each with json.dumps, or the table as Parquet.`;
    return { code: 'other-format', reason: `${reason}: it is a text of Python`, hint };
  }
  const list = isTooDeep(parsed.value) ? null : markNumbers(parsed.value, field);
  if (Array.isArray(list) && list.every(isFields)) return list;
  return { code: 'other-format', reason: `has a text in \`${field}\` that is no list of turns` };
}

/** Turns of an object of lists, one list a field; null for any other value. */
function columnsOf(value: unknown): Fields[] | null {
  if (!isFields(value) || !(Array.isArray(value.role) || Array.isArray(value.from))) return null;
  const columns = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const count = Math.max(...columns.map(([, list]) => list.length));
  const turn = (at: number) => columns.map(([name, list]) => [name, list[at]] as const);
  return Array.from({ length: count }, (_, at) =>
    Object.fromEntries(turn(at).filter(([, inner]) => inner !== null && inner !== undefined)),
  );
}
