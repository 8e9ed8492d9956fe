import type { z } from 'zod';
import type { ProviderError } from '../../provider.ts';
import type { Endpoint } from './endpoint.ts';
import { failure } from './failure.ts';

/**
 * As much of a reply as a schema names.
 *
 * @param what - What it is when it does not fit, as `the reply is no message`.
 * @param charged - Whether it may have cost something: a model has run for it.
 * @throws ProviderError `malformed`, with the first place that does not fit and not what stands there.
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
