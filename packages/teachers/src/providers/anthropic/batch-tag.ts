import { createHash } from 'node:crypto';
import type { Endpoint } from '../http/endpoint.ts';
import { failure } from '../http/failure.ts';

/** Letters of the tag's fingerprint: 48 bits, enough to tell the batches of an account apart. */
const LETTERS = 12;
const LONGEST_ID = 64 - LETTERS - 1;

/**
 * Our name of a request as a `custom_id`, which is up to 64 of the letters a-z, A-Z, 0-9, _ and -. There is no other place
 * for a tag: batches of Anthropic have no metadata.
 *
 * @throws ProviderError `bad-request` when the name does not fit.
 */
export function toCustomId(tag: string, id: string, endpoint: Endpoint): string {
  if (!/^[\w-]+$/.test(id) || id.length > LONGEST_ID) {
    throw failure(
      endpoint,
      'bad-request',
      `"${id}" is no name of a request: up to ${LONGEST_ID} letters, digits, _ and -`,
    );
  }
  return `${fingerprint(tag)}-${id}`;
}

/** Whether a `custom_id` was made with this tag. */
export function hasTag(customId: string, tag: string): boolean {
  return customId.startsWith(`${fingerprint(tag)}-`);
}

/** Our name of the request behind a `custom_id`. */
export function fromCustomId(customId: string): string {
  return customId.slice(LETTERS + 1);
}

function fingerprint(tag: string): string {
  return createHash('sha256').update(tag).digest('hex').slice(0, LETTERS);
}
