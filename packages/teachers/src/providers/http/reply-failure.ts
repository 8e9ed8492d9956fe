import { retryAfterMs } from '@cogumi/pure';
import type { ProviderError } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import { type ErrorBody, kindOf, readErrorBody, toErrorBody } from './error-body.ts';
import { clip, failure } from './failure.ts';
import type { HttpReply } from './open-reply.ts';

/** Bytes of an error body that are read (chosen): an error has a few hundred; an error page of a proxy may be longer. */
const MOST_ERROR_BYTES = 1 << 16;

/**
 * The failure behind a status other than 2xx. Reads the body as far as it arrives.
 *
 * @param asksModel - Whether 404 means an unknown model; otherwise it means a wrong address or a deleted batch.
 */
export async function statusFailure(endpoint: Endpoint, reply: HttpReply, asksModel: boolean): Promise<ProviderError> {
  const { status, headers } = reply;
  const body = readErrorBody(await startOf(reply));
  const kind = kindOf(status, body);
  return failure(
    endpoint,
    kind === 'model-not-found' && !asksModel ? 'bad-request' : kind,
    `answered ${status}${words(endpoint, body)}`,
    { charged: mayHaveRun(status) ? 'unknown' : 'nothing', retryAfterMs: retryAfterMs(headers, Date.now()) },
  );
}

/**
 * With 500, 503 and 529 the provider itself reports a failure, which it does not charge. Any other 5xx and 408 come from a
 * proxy that timed out or lost the answer.
 */
function mayHaveRun(status: number): boolean {
  return status === 408 || (status >= 500 && ![500, 503, 529].includes(status));
}

/** The failure behind an error inside a reply; the model has run for a while. */
export function streamFailure(endpoint: Endpoint, event: unknown): ProviderError {
  const body = toErrorBody(event);
  const code = (event as { error?: { code?: unknown } }).error?.code;
  const status = typeof code === 'number' && code >= 400 && code < 600 ? code : null;
  const what = `ended with an error${words(endpoint, body)}`;
  return failure(endpoint, kindOf(status, body), what, { charged: 'unknown' });
}

/** The failure behind the error of one request in a batch. */
export function resultFailure(endpoint: Endpoint, status: number | null, error: unknown): ProviderError {
  const body = toErrorBody(error);
  const kind = kindOf(status, body);
  return failure(endpoint, kind, `a request of a batch failed${words(endpoint, body)}`, {
    charged: kind === 'timeout' ? 'unknown' : 'nothing',
  });
}

function words(endpoint: Endpoint, { code, type, message }: ErrorBody): string {
  const name = clip(code || type, endpoint);
  const said = clip(message, endpoint).replace(/\.$/, '');
  return `${name === '' ? '' : ` (${name})`}${said === '' ? '' : `: ${said}`}`;
}

async function startOf({ bytes }: HttpReply): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of bytes) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MOST_ERROR_BYTES) break;
    }
  } catch {
    // The status is enough; the body is used as far as it arrived.
  }
  return text;
}
