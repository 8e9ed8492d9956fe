import type { Answer, ChoicePiece } from '../../runtime.ts';
import type { Generation } from '../generation.ts';
import type { RequestRecord } from './request-record.ts';

/** Follows all requests: metrics, logs, traces. An observer must not throw. */
export interface RequestObserver {
  /** The head of a request has come. */
  begin?(record: RequestRecord, headers: Headers): void;
  /** Its body is valid, and the runtime will be asked. */
  ask?(record: RequestRecord, request: Generation): void;
  /** The route of a prompt is decided, of a list one after the other. */
  decide?(record: RequestRecord, prepared: Pick<Answer, 'decision' | 'promptTokens'>): void;
  /** @param gapMs - Milliseconds since the piece before it of the same answer; null: it is the first. */
  piece?(record: RequestRecord, piece: ChoicePiece, gapMs: number | null): void;
  /** All work for the request has ended. */
  end?(record: RequestRecord): void;
}
