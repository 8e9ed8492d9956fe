import { z } from 'zod';

export const Message = z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() });
export type Message = z.infer<typeof Message>;
