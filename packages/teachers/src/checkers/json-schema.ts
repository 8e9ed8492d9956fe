import { isTooDeep } from '@cogumi/pure';
import { Ajv, type ValidateFunction } from 'ajv';
import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { bounded, shown } from './checker.ts';
import { withinTime } from './within-time.ts';
import { withoutFence } from './without-fence.ts';

/** Longest validation: patterns backtrack and branches multiply without end (chosen; usual schemas take microseconds). */
const MAX_MS = 250;

/** Words errors; compiles nothing. */
const texts = new Ajv();
const compiled = new Map<string, ValidateFunction | string>();

/** Right when the answer is one JSON value, in a code fence or bare, that fits the schema (draft 7). */
export function judgeJsonSchema({ schema }: { readonly schema: unknown }, answer: string): Judgement {
  const validate = compile(schema);
  if (typeof validate === 'string') return wrong(`its schema does not compile: ${validate}`);
  let value: unknown;
  try {
    value = JSON.parse(withoutFence(bounded(answer)));
  } catch {
    return wrong(`not JSON: ${shown(answer)}`);
  }
  if (isTooDeep(value)) return wrong('nested too deep');
  const fits = withinTime(MAX_MS, () => validate(value));
  if (fits === null) return wrong(`its schema came to no end within ${MAX_MS} ms`);
  return fits === true ? { correct: true } : wrong(`does not fit its schema: ${texts.errorsText(validate.errors)}`);
}

/** Why a value is no JSON Schema; null where it is one. */
export function schemaProblem(schema: unknown): string | null {
  const validate = compile(schema);
  return typeof validate === 'string' ? validate : null;
}

function compile(schema: unknown): ValidateFunction | string {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  if (known) return known;
  const made = tryCompile(schema);
  compiled.set(text, made);
  return made;
}

function tryCompile(schema: unknown): ValidateFunction | string {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return 'a schema is an object';
  try {
    // Its draft is left out: what is not of draft 7 is ignored rather than refused by name.
    const { $schema: _draft, ...rules } = schema as Record<string, unknown>;
    // One compiler each, so that schemas with the same name do not meet. Formats are notes.
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(rules);
    return '$async' in validate ? 'an asynchronous schema cannot judge an answer' : validate;
  } catch (cause) {
    return (cause as Error).message;
  }
}
