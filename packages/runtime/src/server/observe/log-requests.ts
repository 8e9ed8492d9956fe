import type { RequestObserver } from './request-observer.ts';
import type { RequestRecord } from './request-record.ts';

/**
 * Writes a line of JSON for each request that has ended. It has no content: neither prompts nor answers.
 *
 * @param write - Writes one line.
 */
export function logRequests(write: (line: string) => void): RequestObserver {
  return { end: (record) => write(JSON.stringify(logEntry(record))) };
}

function logEntry({ decision, startedAt, ...record }: RequestRecord) {
  const { requestId, method, endpoint, key, status, errorCode, model, stream, finishReasons } = record;
  const level = status >= 500 ? 'error' : 'info';
  return {
    time: new Date(startedAt).toISOString(),
    level,
    event: 'request',
    request_id: requestId,
    key,
    method,
    endpoint,
    status,
    error: errorCode,
    duration_ms: rounded(record.durationMs),
    // What answers only.
    ...(model === null
      ? {}
      : {
          model,
          route: decision?.route ?? null,
          reason: decision?.reason ?? null,
          confidence: decision?.confidence ?? null,
          stream,
          prompt_tokens: record.promptTokens,
          cached_tokens: record.cachedTokens,
          completion_tokens: record.completionTokens,
          finish_reasons: finishReasons,
          queue_ms: rounded(record.queueMs),
          first_token_ms: rounded(record.firstTokenMs),
        }),
  };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}
