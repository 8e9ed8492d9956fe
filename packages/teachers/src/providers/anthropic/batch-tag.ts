import { createHash } from 'node:crypto';
import type { Endpoint } from '../http/endpoint.ts';
import { failure } from '../http/failure.ts';

/** Characters of the tag's fingerprint: 48 bits, enough to distinguish the batches of an account. */
const FINGERPRINT_CHARACTERS = 12;
const LONGEST_ID = 64 - FINGERPRINT_CHARACTERS - 1;

/**
 * The `custom_id` of a request: up to 64 of the characters a-z, A-Z, 0-9, _ and -. It begins with the fingerprint of the tag,
 * because batches of Anthropic have no metadata.
 *
 * @throws ProviderError `bad-request` when the id does not fit.
 */
export function toCustomId(tag: string, id: string, endpoint: Endpoint): string {
  if (!/^[\w-]+$/.test(id) || id.length > LONGEST_ID) {
    throw failure(
      endpoint,
      'bad-request',
      `"${id}" is no valid request id: up to ${LONGEST_ID} letters, digits, _ and -`,
    );
  }
  return `${fingerprint(tag)}-${id}`;
}

/** Whether a `custom_id` was made with this tag. */
export function hasTag(customId: string, tag: string): boolean {
  return customId.startsWith(`${fingerprint(tag)}-`);
}

/** Our id of the request with a `custom_id`. */
export function fromCustomId(customId: string): string {
  return customId.slice(FINGERPRINT_CHARACTERS + 1);
}

function fingerprint(tag: string): string {
  return createHash('sha256').update(tag).digest('hex').slice(0, FINGERPRINT_CHARACTERS);
}
