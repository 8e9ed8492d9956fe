import { z } from 'zod';

/** A recipe's adapter of others. */
export const AdapterSource = z.strictObject({
  path: z.string().min(1).describe('A folder in PEFT’s form: adapter_config.json and adapter_model.safetensors.'),
});
export type AdapterSource = z.infer<typeof AdapterSource>;
