import type { Fault } from './faults.ts';

/** One request, or one request in a batch that ran, with its cost. */
export interface LoggedRequest {
  /** Request id of the reply's header; in a batch, the id of the batch. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** The requested model; empty where the request has none. */
  model: string;
  /** Hash of model and messages; empty where the request has none. */
  readonly asked: string;
  /** The client's id of a request in a batch; null otherwise. */
  readonly customId: string | null;
  fault: Fault['kind'] | null;
  /** 0 until status and headers are written. */
  status: number;
  /** Charged tokens; both are 0 when the model did not run. */
  inputTokens: number;
  outputTokens: number;
  /** Whether the last byte of the reply was sent. */
  delivered: boolean;
}

/** All requests to a server. */
export interface RequestLog {
  readonly requests: readonly LoggedRequest[];
  /** Requests that were charged. */
  readonly charged: () => LoggedRequest[];
  /** Tokens of all charged requests. */
  readonly total: () => { inputTokens: number; outputTokens: number };
  /** How often the same request was charged, by its hash. */
  readonly timesCharged: () => Map<string, number>;
}

export function createRequestLog(): RequestLog & { add(request: LoggedRequest): LoggedRequest } {
  const requests: LoggedRequest[] = [];
  const charged = () => requests.filter(({ inputTokens, outputTokens }) => inputTokens + outputTokens > 0);
  return {
    requests,
    charged,
    add(request) {
      requests.push(request);
      return request;
    },
    total: () =>
      charged().reduce(
        (sum, { inputTokens, outputTokens }) => ({
          inputTokens: sum.inputTokens + inputTokens,
          outputTokens: sum.outputTokens + outputTokens,
        }),
        { inputTokens: 0, outputTokens: 0 },
      ),
    timesCharged() {
      const times = new Map<string, number>();
      for (const { asked } of charged()) times.set(asked, (times.get(asked) ?? 0) + 1);
      return times;
    },
  };
}
