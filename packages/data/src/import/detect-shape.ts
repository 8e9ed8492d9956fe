import { CogumiError } from '@cogumi/contracts';
import { isTooDeep } from '@cogumi/pure';
import type { FileRecord } from '../formats/record.ts';
import { presentFields } from './present-fields.ts';
import { findShape, SHAPES, shapeNamed } from './shapes/find-shape.ts';
import { mappedShape } from './shapes/mapping.ts';
import { isFields, type Shape } from './shapes/shape.ts';

/** Number of records from which the shape is detected (chosen). */
export const FIRST_RECORDS = 100;

/** Largest share of them that may not fit the shape (chosen): a noisy file is still read, another format is refused. */
const MISFIT_SHARE = 0.9;

const MAX_KEYS = 30;

/**
 * Detects the shape of a source from its first records, or confirms the given one.
 *
 * @param format - Name of a shape, or `auto`; `mapping` overrides it.
 * @throws CogumiError IMPORT_SHAPE with the fields found and the known shapes.
 */
export function detectShape(
  name: string,
  first: readonly FileRecord[],
  { format, mapping }: { format: string; mapping: Parameters<typeof mappedShape>[0] | null },
): Shape {
  const given = first.map((record) => ('value' in record ? record.value : undefined));
  const values = given.map((value) => (isFields(value) && !isTooDeep(value) ? presentFields(value) : value));
  const shape = mapping ? mappedShape(mapping) : format === 'auto' ? findShape(values) : shapeNamed(format);
  const misfits = values.filter((value) => !(shape && isFields(value) && shape.fits(value))).length;
  if (shape && misfits <= MISFIT_SHARE * first.length) return shape;
  const form = shape ? `the format ${shape.name} (${shape.fields})` : 'any known format';
  throw new CogumiError(
    'IMPORT_SHAPE',
    `${misfits} of the first ${first.length} records of ${name} are not in ${form}. ${describe(first, given)}`,
    `Known formats are\n${SHAPES.map(({ name: known, fields }) => `  ${known}: ${fields}`).join('\n')}\n` +
      'For any other format set `mapping: { question: FIELD, answer: FIELD }` on the source.',
  );
}

function describe(first: readonly FileRecord[], values: readonly unknown[]): string {
  const keys = [...new Set(values.filter(isFields).flatMap((value) => Object.keys(value)))];
  if (keys.length > 0) {
    const more = keys.length > MAX_KEYS ? ` and ${keys.length - MAX_KEYS} more` : '';
    return `Their fields are ${keys.slice(0, MAX_KEYS).join(', ')}${more}.${describeNan(values)}`;
  }
  const unreadable = first.find((record) => 'reason' in record);
  if (unreadable && 'reason' in unreadable) return `Record ${unreadable.number} ${unreadable.reason}.`;
  return 'They are not JSON objects.';
}

/** Fields that are NaN, which is no value: the answer may be among them. */
function describeNan(values: readonly unknown[]): string {
  const counts = new Map<string, number>();
  for (const value of values.filter(isFields)) {
    for (const [name, inner] of Object.entries(value)) {
      if (Number.isNaN(inner)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const found = [...counts].map(([name, count]) => `\`${name}\` is NaN in ${count}`);
  return found.length === 0 ? '' : ` ${found.slice(0, MAX_KEYS).join(', ')} of them.`;
}
