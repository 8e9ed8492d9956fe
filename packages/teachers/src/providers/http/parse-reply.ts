import type { z } from 'zod';
import type { ProviderError } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import { failure } from './failure.ts';

/**
 * The fields of a reply that a schema names.
 *
 * @param what - Description of a reply that does not match, as `the reply is no message`.
 * @param charged - `unknown` when a model may have run for the reply.
 * @throws ProviderError `malformed` with the path of the first mismatch, without its value.
 */
export function parseReply<T>(
  schema: z.ZodType<T>,
  value: unknown,
  endpoint: Endpoint,
  what: string,
  charged: ProviderError['charged'] = 'unknown',
): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const where = error.issues[0]?.path.join('.') ?? '';
  throw failure(endpoint, 'malformed', `${what} (at \`${where}\`)`, { charged, cause: error });
}
