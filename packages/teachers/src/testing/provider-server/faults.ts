/** A fault of one request. */
export type Fault =
  /** Refused with this status before the model runs. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly headers?: Record<string, string>;
    }
  /** Status and headers of the reply come late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The connection is reset before a reply; `ran`: after the model has run. */
  | { readonly kind: 'reset'; readonly ran: boolean }
  /** The reply ends after `after` tokens (without streaming: after half of its bytes). */
  | { readonly kind: 'cut'; readonly after: number }
  /** The reply stops after `after` tokens, and the connection stays open. */
  | { readonly kind: 'stall'; readonly after: number }
  /** An error event after `after` tokens of a streamed reply. */
  | { readonly kind: 'stream-error'; readonly after: number }
  /** The reply is not JSON. */
  | { readonly kind: 'malformed' }
  /** The reply reports no tokens. */
  | { readonly kind: 'no-usage' };

/** What the choice of a fault can depend on. */
export interface FaultRequest {
  readonly method: string;
  readonly path: string;
  /** Number of the request, from 1, over all requests to the server. */
  readonly number: number;
  /** Hash of model and messages; empty where the request has none. */
  readonly asked: string;
  /** How often the same model and messages came before, in chats and batches. */
  readonly before: number;
}

/** Outcome of one request in a batch. `twice` and `broken` requests are answered, and their lines in the result file are defective. */
export type BatchOutcome = 'ok' | 'expired' | 'error' | 'missing' | 'broken' | 'twice';

/** The course of a batch. */
export interface BatchPlan {
  /** Number of polls that still show it running. Default: 0. */
  readonly polls?: number;
  /** Refused at validation with this message (OpenAI only). */
  readonly invalid?: string;
  /** Default: ok. */
  readonly outcome?: (customId: string, place: number) => BatchOutcome;
  /** Results in reverse order. Default: in order. */
  readonly reversed?: boolean;
}
