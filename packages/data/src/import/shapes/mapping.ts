import type { Turn } from '@cogumi/contracts';
import type { Roles } from '../chat/roles.ts';
import { readPairs } from './alpaca.ts';
import { readTurns, rowTurn, systemTurn } from './conversation.ts';
import { type Fields, isFields, optionalText, type Rejection, type Shape, textOf } from './shape.ts';
import { isTurnList, turnList } from './turn-list.ts';

/** Field paths of a mapping in the recipe. */
interface FieldPaths {
  readonly question: string;
  readonly answer: string;
  readonly system?: string | undefined;
  readonly history?: string | undefined;
}

/** The shape described by a recipe's `mapping`. */
export function mappedShape({ question, answer, system, history }: FieldPaths): Shape {
  return {
    name: 'mapping',
    fields: [question, answer, system, history].filter((path) => path !== undefined).join(', '),
    // Rows may lack an answer; if no row has the field, the mapping is wrong.
    fits: (record) => fieldAt(record, question) !== undefined && fieldAt(record, answer) !== undefined,
    map: (record, roles) => {
      const earlier = history === undefined ? [] : fieldAt(record, history);
      const turns = isTurnList(earlier) ? readHistory(earlier, history as string, roles) : readPairs(earlier);
      if ('code' in turns) return turns;
      return {
        history: [...systemTurn(system === undefined ? '' : optionalText(fieldAt(record, system))), ...turns],
        question: textOf(fieldAt(record, question)),
        answer: textOf(fieldAt(record, answer)),
      };
    },
  };
}

function readHistory(value: unknown, field: string, roles: Roles): Turn[] | Rejection {
  const list = turnList(value, field);
  const turns = 'code' in list ? list : readTurns(list, roles);
  return 'code' in turns ? turns : turns.map(rowTurn);
}

/** Reads a field: `a.b` is the field named so, or else `b` inside `a`; numbers are indices of a list, from 0. */
export function fieldAt(record: Fields, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  return path.split('.').reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, record);
}
