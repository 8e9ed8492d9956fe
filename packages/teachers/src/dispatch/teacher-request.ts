import { costOf, type NanoDollars, worstCaseCost } from '../cost.ts';
import type { ChatCall, ChatReply, Provider, ProviderError } from '../provider.ts';
import type { Price } from '../providers/prices.ts';
import { keyOfCall } from '../records/replies.ts';

/** A teacher with all that is needed to ask it. */
export interface TeacherEndpoint {
  /** As in recipes, `provider:model`. */
  readonly teacher: string;
  readonly model: string;
  readonly provider: Provider;
  readonly price: Price;
  /** Whether its replies are kept: not those that cost nothing and are always the same. */
  readonly cacheReplies: boolean;
}

/** A request on its way, with what the ledger wants to know. */
export interface TeacherRequest {
  readonly endpoint: TeacherEndpoint;
  readonly call: ChatCall;
  readonly stage: string;
  readonly tier: number | null;
  readonly key: string;
}

export type Outcome = ChatReply | ProviderError;

/** @param attempt - See `keyOfCall`. */
export function createRequest(
  endpoint: TeacherEndpoint,
  call: Omit<ChatCall, 'model'>,
  { stage, tier, attempt }: { stage: string; tier: number | null; attempt: number },
): TeacherRequest {
  const full = { ...call, model: endpoint.model };
  return { endpoint, call: full, stage, tier, key: keyOfCall(endpoint.teacher, full, attempt) };
}

/** What the ledger has to set aside. */
export function reservationOf({ endpoint, call, stage, tier, key }: TeacherRequest, share: number) {
  return { stage, teacher: endpoint.teacher, tier, key, worst: worstCaseCost(endpoint.price, call, share) };
}

/** What a reply cost; null where nobody says. */
export function costOfReply({ price }: TeacherEndpoint, { usage }: ChatReply, share: number): NanoDollars | null {
  return usage && costOf(price, usage, share);
}

/** What a request without a reply cost; null: anything up to its worst case. */
export const costOfFailure = ({ charged }: ProviderError): NanoDollars | null => (charged === 'nothing' ? 0 : null);
