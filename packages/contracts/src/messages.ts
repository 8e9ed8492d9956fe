import { z } from 'zod';

export const Message = z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() });
export type Message = z.infer<typeof Message>;

/** A message of a row, with what only training and readers of the row need to know: a chat template never sees it. */
export const Turn = Message.extend({
  train: z
    .literal(false)
    .optional()
    .describe('false: a turn of the assistant that is read as context and never learned.'),
  reasoning: z.string().optional().describe('The reasoning behind a turn of the assistant; not trained on.'),
});
export type Turn = z.infer<typeof Turn>;
