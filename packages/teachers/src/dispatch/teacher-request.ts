import { costOf, type NanoDollars, worstCaseCost } from '../cost.ts';
import type { ChatCall, ChatReply, Provider, ProviderError } from '../provider.ts';
import type { Price } from '../providers/prices.ts';
import { keyOfCall } from '../records/replies.ts';

/** A teacher with its provider, model and price. */
export interface TeacherEndpoint {
  /** `provider:model`, as in recipes. */
  readonly teacher: string;
  readonly model: string;
  readonly provider: Provider;
  readonly price: Price;
  /** Whether its replies are stored: false for procedural teachers, whose replies are free and reproducible. */
  readonly cacheReplies: boolean;
}

/** A request to a teacher, with what the ledger records about it. */
export interface TeacherRequest {
  readonly endpoint: TeacherEndpoint;
  readonly call: ChatCall;
  readonly stage: string;
  readonly tier: number | null;
  readonly key: string;
}

/** The reply of a request, or the error that it failed with permanently. */
export type Outcome = ChatReply | ProviderError;

/** Makes a request from a call. @param attempt - See `keyOfCall`. */
export function createRequest(
  endpoint: TeacherEndpoint,
  call: Omit<ChatCall, 'model'>,
  { stage, tier, attempt }: { stage: string; tier: number | null; attempt: number },
): TeacherRequest {
  const full = { ...call, model: endpoint.model };
  return { endpoint, call: full, stage, tier, key: keyOfCall(endpoint.teacher, full, attempt) };
}

/** The reservation of a request in the ledger. `share`: share of the price, see `worstCaseCost`. */
export function reservationOf({ endpoint, call, stage, tier, key }: TeacherRequest, share: number) {
  return { stage, teacher: endpoint.teacher, tier, key, worst: worstCaseCost(endpoint.price, call, share) };
}

/** Cost of a reply; null when the provider reported no usage. */
export function costOfReply({ price }: TeacherEndpoint, { usage }: ChatReply, share: number): NanoDollars | null {
  return usage && costOf(price, usage, share);
}

/** Cost of a request without a reply; null: unknown, up to its worst case. */
export const costOfFailure = ({ charged }: ProviderError): NanoDollars | null => (charged === 'nothing' ? 0 : null);
