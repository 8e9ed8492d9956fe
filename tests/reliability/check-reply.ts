import type { Mutated } from './mutated-requests.ts';
import type { RawReply } from './raw-client.ts';
import type { Target } from './valid-requests.ts';

const SECRETS = /zq[0-9a-f]{8}qz/g;

/** What is wrong with an answer; null: nothing. */
export function faultOf(target: Target, request: Mutated, secret: string, reply: RawReply): string | null {
  const { status, body, headers } = reply;
  const foreign = [...body.matchAll(SECRETS), ...JSON.stringify(headers).matchAll(SECRETS)].find(
    ([found]) => found !== secret,
  );
  if (foreign) return `it holds the text of another request, ${foreign[0]}`;
  if (status === null) return request.whole ? 'there is no answer' : null;
  if (status >= 500) return `its status is ${status}`;
  if (!reply.complete) return request.whole ? 'it is not complete' : null;
  if (headers['x-request-id'] === undefined) return 'it has no x-request-id';
  if (status >= 400) return errorFault(body, request.addressed ? [target.errors] : ['openai', 'anthropic']);
  return headers['content-type'] === 'text/event-stream' ? streamFault(body) : null;
}

function errorFault(body: string, shapes: readonly Target['errors'][]): string | null {
  // The answer to HEAD has no body.
  if (body === '') return shapes.length > 1 ? null : 'its error has no body';
  let parsed: { type?: unknown; error?: { type?: unknown; message?: unknown; code?: unknown } };
  try {
    parsed = JSON.parse(body);
  } catch {
    return `its error is no JSON: ${body.slice(0, 200)}`;
  }
  const { type, error } = parsed;
  if (typeof error?.message !== 'string' || error.message === '' || typeof error.type !== 'string')
    return 'its error says nothing';
  const shape = type === 'error' ? 'anthropic' : typeof error.code === 'string' ? 'openai' : null;
  if (shape === null || !shapes.includes(shape)) return `its error is in the shape of ${shape}: ${body.slice(0, 200)}`;
  return null;
}

/** A stream may end with an error, but not with one of the server. */
function streamFault(body: string): string | null {
  for (const line of body.split('\n')) {
    if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
    const data = JSON.parse(line.slice('data: '.length));
    const failed = data.type === 'error' || data.error;
    if (failed && /internal_error|api_error|server_error|overloaded_error|model_unavailable/.test(line))
      return `its stream fails: ${line.slice(0, 300)}`;
  }
  return null;
}
