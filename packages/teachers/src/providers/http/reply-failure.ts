import { retryAfterMs } from '@cogumi/pure';
import type { ProviderError } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import { type ErrorBody, kindOf, readErrorBody, toErrorBody } from './error-body.ts';
import { clip, failure } from './failure.ts';
import type { HttpReply } from './open-reply.ts';

/** An error is a few hundred bytes; a page of a proxy may be longer and says nothing more. */
const MOST_ERROR_BYTES = 1 << 16;

/**
 * What a status other than 2xx means. Reads the body as far as it comes.
 *
 * @param asksModel - Whether 404 means that there is no such model; else it is the address, or a batch that is gone.
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
 * 500, 503 and 529 are the provider's own word that it failed, which is not charged. With any other 5xx and with 408
 * something in between lost patience or the answer.
 */
function mayHaveRun(status: number): boolean {
  return status === 408 || (status >= 500 && ![500, 503, 529].includes(status));
}

/** What an error in the middle of a reply means: the model has run for a while. */
export function streamFailure(endpoint: Endpoint, event: unknown): ProviderError {
  const body = toErrorBody(event);
  const code = (event as { error?: { code?: unknown } }).error?.code;
  const status = typeof code === 'number' && code >= 400 && code < 600 ? code : null;
  const what = `broke off with an error${words(endpoint, body)}`;
  return failure(endpoint, kindOf(status, body), what, { charged: 'unknown' });
}

/** What the error of one request of a batch means. */
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
    // The status is what counts; a body that breaks off says as much as it can.
  }
  return text;
}
