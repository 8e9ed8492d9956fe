import { JsonProblem, parseStrictJson } from '@cogumi/pure';
import { ApiError } from './api-error.ts';
import type { BodyReader } from './body-reader.ts';
import { LONGEST_KEY, MOST_VALUES } from './limits.ts';

const FORM = /^application\/x-www-form-urlencoded/i;

/** The body of a request. @throws ApiError 400, 415, and as `BodyReader.read`. */
export async function readJson(request: Request, bodies: BodyReader): Promise<unknown> {
  // A web page may send other content types to any server without a CORS preflight, but not JSON.
  const type = request.headers.get('content-type');
  if (type === null || !/^application\/json *(;|$)/i.test(type)) {
    const problem =
      type === null
        ? 'it has no content-type'
        : `its content-type is ${type.slice(0, 80)}${FORM.test(type) ? ', the default of curl -d' : ''}`;
    const message = `The body must be sent as JSON; ${problem}. With curl, add -H 'content-type: application/json'.`;
    throw new ApiError(415, 'unsupported_media_type', message);
  }
  try {
    return parseStrictJson(await bodies.read(request), { values: MOST_VALUES, keyLength: LONGEST_KEY });
  } catch (cause) {
    if (!(cause instanceof JsonProblem)) throw cause;
    throw new ApiError(400, 'invalid_json', `The body ${cause.message}.`, { cause });
  }
}
