import { conjunction } from './conjunction.ts';
import { checkKeywords, isRestriction, listAt, objectAt, type Schema, wantedTypes } from './schema-keywords.ts';
import { SchemaProblem } from './schema-problem.ts';

/** What references are looked up in, and how much has been done so far. */
export interface Resolve {
  readonly root: unknown;
  /** Keys that were combined or compared. */
  work: number;
}

/**
 * Most alternatives of one schema (chosen): combinations of alternatives multiply, and a token is tried with each. With 64 objects a token
 * of 32,000 takes 100 ms, with one 20 ms (measured on random weights, which are refused more often than a model's choices).
 */
const MOST_BRANCHES = 32;
/** Most keys that are combined or compared for one schema (chosen): they take about 100 ms. */
const MOST_WORK = 100_000;

/**
 * The alternatives that a schema stands for, without references and combinations. A value is valid under the schema exactly if it is
 * valid under one of them, provided that the branches of each `oneOf` exclude each other (`distinctBranches`).
 *
 * @throws SchemaProblem
 */
export function expandSchema(
  schema: unknown,
  pointer: string,
  resolve: Resolve,
): { branches: Schema[]; origin: Schema[] } {
  const origin: Schema[] = [];
  return { branches: expand(schema, pointer, resolve, new Set(), origin), origin };
}

function expand(
  schema: unknown,
  pointer: string,
  resolve: Resolve,
  open: ReadonlySet<unknown>,
  origin: Schema[],
): Schema[] {
  const checked = checkKeywords(schema, pointer);
  if (checked === null) return [{}];
  if (checked === false) return [];
  if (open.has(schema)) throw new SchemaProblem(pointer, 'A reference leads back to itself');
  if (schema !== resolve.root && hasIdentifier(schema)) {
    throw new SchemaProblem(`${pointer}/$id`, 'An "$id" below the root is not supported');
  }
  const inside = new Set([...open, schema]);
  const { $ref } = checked;
  const own = Object.fromEntries(Object.entries(checked).filter(([key]) => isRestriction(key)));
  if ('oneOf' in checked) origin.push(checked);
  let branches: Schema[] = [own];
  const combine = (others: Schema[]) => {
    if (branches.length * others.length > MOST_BRANCHES) {
      throw new SchemaProblem(pointer, `A schema with more than ${MOST_BRANCHES} alternatives is not supported`);
    }
    for (const right of others) for (const left of branches) spend(resolve, sizeOf(left) + sizeOf(right), pointer);
    branches = branches.flatMap((left) => others.map((right) => conjunction(left, right, pointer)));
  };
  if ($ref !== undefined) combine(expand(referred($ref, pointer, resolve), pointer, resolve, inside, origin));
  for (const [at, part] of (listAt(checked, 'allOf', pointer) ?? []).entries()) {
    combine(expand(part, `${pointer}/allOf/${at}`, resolve, inside, origin));
  }
  for (const key of ['anyOf', 'oneOf']) {
    const parts = listAt(checked, key, pointer);
    if (parts) combine(parts.flatMap((part, at) => expand(part, `${pointer}/${key}/${at}`, resolve, inside, origin)));
  }
  return branches;
}

function spend(resolve: Resolve, keys: number, pointer: string): void {
  resolve.work += keys;
  if (resolve.work > MOST_WORK) throw new SchemaProblem(pointer, 'The schema combines too many keywords');
}

function sizeOf(schema: Schema): number {
  let size = 1;
  for (const value of Object.values(schema)) {
    size += value !== null && typeof value === 'object' ? Object.keys(value).length : 1;
  }
  return size;
}

/** The schema that a reference names. @throws SchemaProblem */
function referred($ref: unknown, pointer: string, { root }: Resolve): unknown {
  const refuse = (why: string) =>
    new SchemaProblem(`${pointer}/$ref`, `The reference ${JSON.stringify($ref)?.slice(0, 80)} ${why}`);
  if (typeof $ref !== 'string' || !/^#(\/|$)/.test($ref)) throw refuse('is not supported; references begin with #/');
  let found: unknown = root;
  let parts: string[];
  try {
    parts = decodeURIComponent($ref.slice(1)).split('/').slice(1);
  } catch {
    throw refuse('is not valid');
  }
  for (const part of parts) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, key)) throw refuse('leads nowhere');
    found = Reflect.get(found, key);
    if (hasIdentifier(found)) throw refuse('leads through a schema with an "$id"');
  }
  return found;
}

/** References inside a schema with an identifier of its own start from there. */
function hasIdentifier(schema: unknown): boolean {
  return schema !== null && typeof schema === 'object' && typeof Reflect.get(schema, '$id') === 'string';
}

/**
 * Refuses a `oneOf` of which a value may satisfy several branches. They exclude each other if their types differ, or if a property that
 * all require has different constants.
 */
export function distinctBranches(origin: readonly Schema[], pointer: string, resolve: Resolve): void {
  for (const schema of origin) {
    const branches = (listAt(schema, 'oneOf', pointer) ?? []).map((part) =>
      expand(part, pointer, resolve, new Set(), []),
    );
    branches.forEach((one, at) => {
      for (const other of branches.slice(at + 1)) {
        spend(
          resolve,
          [...one, ...other].reduce((sum, schema) => sum + sizeOf(schema), 1),
          pointer,
        );
        if (one.every((left) => other.every((right) => exclude(left, right, pointer)))) continue;
        throw new SchemaProblem(
          `${pointer}/oneOf`,
          'Branches of "oneOf" that a value may satisfy together are not supported',
        );
      }
    });
  }
}

function exclude(one: Schema, other: Schema, pointer: string): boolean {
  if (typesExclude(one, other, pointer)) return true;
  if (listsExclude(one, other)) return true;
  const names = new Set(requiredNames(other, pointer));
  const shared = requiredNames(one, pointer).filter((name) => names.has(name));
  // Values of both are objects: those are the ones that the grammar makes of them.
  const onlyObjects = [one, other].every((schema) => wantedTypes(schema, pointer).join() === 'object');
  return (
    onlyObjects && shared.some((name) => listsExclude(propertyOf(one, name, pointer), propertyOf(other, name, pointer)))
  );
}

function typesExclude(one: Schema, other: Schema, pointer: string): boolean {
  if (!('type' in one) || !('type' in other)) return false;
  const wide = (schema: Schema) => wantedTypes(schema, pointer).map((type) => (type === 'integer' ? 'number' : type));
  return !wide(one).some((type) => wide(other).includes(type));
}

/** Texts, numbers and booleans that two schemas list have none in common. */
function listsExclude(one: Schema, other: Schema): boolean {
  const [first, second] = [scalars(one), scalars(other)];
  return first !== null && second !== null && !first.some((value) => second.includes(value));
}

function scalars(schema: Schema): unknown[] | null {
  const listed = 'const' in schema ? [schema.const] : schema.enum;
  if (!Array.isArray(listed) || listed.some((value) => value !== null && typeof value === 'object')) return null;
  return listed;
}

function requiredNames(schema: Schema, pointer: string): unknown[] {
  return [...(listAt(schema, 'required', pointer) ?? [])];
}

function propertyOf(schema: Schema, name: unknown, pointer: string): Schema {
  const property = objectAt(schema, 'properties', pointer)?.[String(name)];
  return property !== null && typeof property === 'object' ? (property as Schema) : {};
}
