/** Writes the engine's options as frozen Python dataclasses, from the same schemas as its JSON Schema. */
import { z } from 'zod';

type Json = z.core.JSONSchema.JSONSchema;

const HEADER = `"""Options of the jobs, one class per job. Written by scripts/write-generated.ts from packages/contracts/src/jobs: do not edit."""

from dataclasses import dataclass
from typing import Literal
`;

const PYTHON_TYPES: Record<string, string | undefined> = {
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  string: 'str',
  null: 'None',
};

/**
 * @param shared - Schemas that several jobs extend, by name: a job that has all their keys derives from the class.
 * @param jobs - Schema per job name.
 * @throws RangeError for a type that has no Python form here.
 */
export function pythonOptions(shared: Record<string, z.ZodType>, jobs: Record<string, z.ZodType>): string {
  const bases = Object.entries(shared).map(([name, schema]) => ({ name: className(name), fields: fieldsOf(schema) }));
  const classes = bases.map(({ name, fields }) => pythonClass(name, 'Options that several jobs share.', [...fields]));
  for (const [job, schema] of Object.entries(jobs)) {
    const fields = fieldsOf(schema);
    const base = bases.find((candidate) => [...candidate.fields.keys()].every((key) => fields.has(key)));
    const own = [...fields].filter(([key]) => !base?.fields.has(key));
    const name = className(job);
    classes.push(pythonClass(base ? `${name}(${base.name})` : name, `Options of the job \`${job}\`.`, own));
  }
  const table = Object.keys(jobs).map((job) => `    "${job}": ${className(job)},\n`);
  return `${HEADER}${classes.join('')}\n\nOPTIONS: dict[str, type] = {\n${table.join('')}}\n`;
}

function fieldsOf(schema: z.ZodType): Map<string, Json> {
  return new Map(Object.entries(z.toJSONSchema(schema, { io: 'output' }).properties ?? {}) as [string, Json][]);
}

function pythonClass(head: string, docstring: string, fields: readonly [string, Json][]): string {
  const lines = fields.map(([key, schema]) => {
    const description = schema.description === undefined ? '' : `    """${schema.description}"""\n`;
    return `    ${snakeCase(key)}: ${pythonType(schema)}\n${description}`;
  });
  const body = lines.length === 0 ? '' : `\n${lines.join('')}`;
  return `\n\n@dataclass(frozen=True, kw_only=True)\nclass ${head}:\n    """${docstring}"""\n${body}`;
}

function pythonType(schema: Json): string {
  if (schema.const !== undefined) return `Literal[${JSON.stringify(schema.const)}]`;
  if (schema.enum) return `Literal[${schema.enum.map((value) => JSON.stringify(value)).join(', ')}]`;
  if (schema.anyOf) return schema.anyOf.map((option) => pythonType(option as Json)).join(' | ');
  if (schema.type === 'array') return `tuple[${pythonType(schema.items as Json)}, ...]`;
  const types = [schema.type ?? []].flat().map((type) => PYTHON_TYPES[type]);
  if (types.length === 0 || types.includes(undefined))
    throw new RangeError(`no Python type for ${JSON.stringify(schema)}; add it to pythonType`);
  return types.join(' | ');
}

const className = (job: string) =>
  `${job.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}Options`;

const snakeCase = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
