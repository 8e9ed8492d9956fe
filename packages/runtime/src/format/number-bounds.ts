import type { Bounds } from './number-range.ts';
import { numberOf, type Schema } from './schema-keywords.ts';
import { SchemaProblem } from './schema-problem.ts';

/** The bounds of numbers under a schema. @throws SchemaProblem for a `multipleOf` that is no promise of integers. */
export function numberBounds(schema: Schema, pointer: string, integer: boolean): Bounds {
  const multiple = numberOf(schema, 'multipleOf', pointer);
  if (multiple !== undefined && !(integer && multiple > 0 && Number.isInteger(1 / multiple))) {
    throw new SchemaProblem(`${pointer}/multipleOf`, 'The keyword "multipleOf" is not supported');
  }
  const {
    minimum = -Infinity,
    maximum = Infinity,
    exclusiveMinimum = -Infinity,
    exclusiveMaximum = Infinity,
  } = {
    ...numbers(schema, pointer),
  };
  return {
    min: Math.max(minimum, exclusiveMinimum),
    above: exclusiveMinimum >= minimum && exclusiveMinimum !== -Infinity,
    max: Math.min(maximum, exclusiveMaximum),
    below: exclusiveMaximum <= maximum && exclusiveMaximum !== Infinity,
  };
}

function numbers(schema: Schema, pointer: string): Partial<Record<string, number>> {
  const keys = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = numberOf(schema, key, pointer);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
