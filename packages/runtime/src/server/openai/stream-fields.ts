import { z } from 'zod';
import { invalidValue } from '../parse-body.ts';

export const STREAM_FIELDS = {
  stream: z.boolean().optional(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.literal(false).optional() })
    .optional(),
};

const Stream = z.object(STREAM_FIELDS);

/** @throws ApiError 400 for options of a stream without one. */
export function streamOptions({ stream = false, stream_options }: z.infer<typeof Stream>) {
  if (stream_options && !stream) throw invalidValue('stream_options', 'stream_options requires "stream": true.');
  return { stream, includeUsage: stream_options?.include_usage ?? false };
}
