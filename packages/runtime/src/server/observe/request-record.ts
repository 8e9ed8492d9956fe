import type { RouteDecision } from '../../routing/create-router.ts';

/** What is known of one request; it is filled as the request is answered. It has nothing of what was asked or answered. */
export interface RequestRecord {
  /** As the header x-request-id says: the client's own, or a new one. */
  readonly requestId: string;
  readonly method: string;
  /** As `ENDPOINTS` writes it; null: the server has no such path. */
  readonly endpoint: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Name of the key; null: none is needed, or it is wrong. */
  key: string | null;
  /** HTTP status; where a stream failed, that of the error in it; 499: the client closed the connection. */
  status: number;
  errorCode: string | null;
  /** Id of the model that the client named. */
  model: string | null;
  decision: RouteDecision | null;
  stream: boolean;
  promptTokens: number;
  /** Tokens of prompts that were in the cache. */
  cachedTokens: number;
  completionTokens: number;
  /** Why the answers ended; a request may ask for several. */
  finishReasons: string[];
  /** From the head of the request to its turn; null: it had none. */
  queueMs: number | null;
  /** From the head of the request to the first piece of an answer; null: there was none. */
  firstTokenMs: number | null;
  /** From the head of the request to the end of all work for it. */
  durationMs: number;
}
