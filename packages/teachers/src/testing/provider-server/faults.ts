/** What can go wrong with one request. */
export type Fault =
  /** Refused with this status before the model runs. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly headers?: Record<string, string>;
    }
  /** The head of the reply comes late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The connection is reset before a reply; `ran`: after the model has run. */
  | { readonly kind: 'reset'; readonly ran: boolean }
  /** The reply breaks off after so many tokens (plain replies: after half of their bytes). */
  | { readonly kind: 'cut'; readonly after: number }
  /** The reply stops after so many tokens and the connection stays open. */
  | { readonly kind: 'stall'; readonly after: number }
  /** An error event after so many tokens of a streamed reply. */
  | { readonly kind: 'stream-error'; readonly after: number }
  /** The reply is not JSON. */
  | { readonly kind: 'malformed' }
  /** The reply says nothing about tokens. */
  | { readonly kind: 'no-usage' };

/** What a fault is chosen by. */
export interface FaultRequest {
  readonly method: string;
  readonly path: string;
  /** All requests to the server are counted, from 1. */
  readonly number: number;
  /** Hash of model and messages; empty where nothing is asked. */
  readonly asked: string;
  /** How often the same has been asked before, over chats and batches. */
  readonly before: number;
}

/** What happens to one request of a batch. `twice` and `broken` are answered, and the result file is not as it should be. */
export type BatchOutcome = 'ok' | 'expired' | 'error' | 'missing' | 'broken' | 'twice';

/** What happens to a batch. */
export interface BatchPlan {
  /** Looks at its state that still show it running. Default 0. */
  readonly polls?: number;
  /** Refused at validation with this message (OpenAI alone). */
  readonly invalid?: string;
  /** Default: ok. */
  readonly outcome?: (customId: string, place: number) => BatchOutcome;
  /** Results in reverse order. Default: in order. */
  readonly reversed?: boolean;
}
