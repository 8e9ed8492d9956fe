import { z } from 'zod';

export const ValidateOptions = z.strictObject({
  samples: z.int().positive().default(4).describe('Questions of each domain that the served bundle is asked.'),
});
export type ValidateOptions = z.infer<typeof ValidateOptions>;
