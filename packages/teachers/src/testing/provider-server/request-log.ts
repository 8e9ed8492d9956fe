import type { Fault } from './faults.ts';

/** One request, or one request of a batch that was run, and what it cost. */
export interface LoggedRequest {
  /** As the reply's header says; of a batch: its name. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Who was asked; empty where nobody is. */
  model: string;
  /** Hash of model and messages; empty where nothing is asked. */
  readonly asked: string;
  /** Our name of a request of a batch; null elsewhere. */
  readonly customId: string | null;
  fault: Fault['kind'] | null;
  /** 0 until the head of the reply is written. */
  status: number;
  /** Tokens charged, both 0 when the model did not run. */
  inputTokens: number;
  outputTokens: number;
  /** The last byte of the reply left the server. */
  delivered: boolean;
}

/** All that a server was asked. */
export interface RequestLog {
  readonly requests: readonly LoggedRequest[];
  /** Those that were charged. */
  readonly charged: () => LoggedRequest[];
  /** Tokens of all that was charged. */
  readonly total: () => { inputTokens: number; outputTokens: number };
  /** How often the same question was charged, by its hash. */
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
