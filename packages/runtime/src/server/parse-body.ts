import { nearest } from '@cogumi/pure';
import type { z } from 'zod';
import type { ServedModel } from '../runtime.ts';
import { ApiError } from './api-error.ts';
import { LONGEST_STOP } from './limits.ts';
import { shown, withoutNulls } from './unsupported.ts';

/** Keys of JSON Schemas, in which null is a value. */
export const AS_SENT: readonly string[] = ['schema', 'parameters', 'input_schema'];

/**
 * Checks a body against the schema of an endpoint.
 *
 * @param prepare - Changes the fields before they are checked; they have no nulls then.
 * @param asSent - Keys whose values may hold nulls.
 * @throws ApiError 400 that names the first field at fault.
 */
export function parseBody<Schema extends z.ZodObject>(
  schema: Schema,
  body: unknown,
  prepare: (fields: Record<string, unknown>) => Record<string, unknown> = (fields) => fields,
  asSent = AS_SENT,
): z.infer<Schema> {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new ApiError(400, 'invalid_body', 'The body must be a JSON object.');
  }
  const given = prepare(withoutNulls(body, asSent) as Record<string, unknown>);
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw explain(parsed.error.issues[0] as z.core.$ZodIssue, given, Object.keys(schema.shape));
  return parsed.data;
}

/** A model as one client sees it. */
export interface OfferedModel extends ServedModel {
  /** False: the client's key is not for it, and no list names it. */
  readonly offered: boolean;
}

/** The model that a request names; without a name the bundle with its router. @throws ApiError 404. */
export function findModel(id: string | undefined, models: readonly OfferedModel[]): ServedModel {
  const model = id === undefined ? models[0] : models.find((served) => served.id === id);
  if (!model) throw unknownModel(id ?? '', models);
  return model;
}

export function unknownModel(id: string, models: readonly OfferedModel[]): ApiError {
  const ids = models.filter(({ offered }) => offered).map((model) => model.id);
  const near = nearest(id, ids);
  const meant = near === null ? '' : ` Did you mean "${near}"?`;
  const message = `There is no model ${shown(id)}; available: ${ids.join(', ')}.${meant}`;
  return new ApiError(404, 'model_not_found', message, { param: 'model' });
}

/** An ApiError 400 for a value that is not allowed. */
export function invalidValue(param: string, message: string): ApiError {
  return new ApiError(400, 'invalid_value', message, { param });
}

/** Of alternatives in a list, such as the items of an input, the problem that lies deepest says most. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.path.length !== 1) return issue;
  const [best] = issue.errors.flat().sort((one, other) => other.path.length - one.path.length);
  return best && best.path.length > 1 ? ({ ...best, path: [...issue.path, ...best.path] } as z.core.$ZodIssue) : issue;
}

function explain(found: z.core.$ZodIssue, given: unknown, known: readonly string[]): ApiError {
  const issue = deepest(found);
  const place = (path: readonly PropertyKey[]) =>
    path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`)).join('');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    const param = place([...issue.path, key]);
    const near = issue.path.length === 0 ? nearest(key, known) : null;
    const meant = near === null ? '' : ` Did you mean "${near}"?`;
    return new ApiError(400, 'unknown_parameter', `Unknown parameter: ${shown(param)}.${meant}`, { param });
  }
  const param = place(issue.path);
  if (issue.path[0] === 'messages' && issue.path.at(-1) === 'content') {
    return invalidValue(
      param,
      `${param} must be text or a list of {"type": "text", "text": …}; images, audio and files are not supported.`,
    );
  }
  const got = issue.path.reduce<unknown>(
    (value, key) => (value === null ? value : Reflect.get(Object(value), key)),
    given,
  );
  const problem =
    issue.path[0] === 'stop'
      ? `must be text or a list of at most 4 texts, each of 1 to ${LONGEST_STOP} characters`
      : issue.message;
  const sent = got === undefined ? 'it is missing' : `got ${shown(got)}`;
  return invalidValue(param, `${param}: ${problem} (${sent}).`);
}
