import { z } from 'zod';

/** The built-in teachers, from the weakest to the one without errors. */
export const PROCEDURAL_TEACHERS = ['procedural:apprentice', 'procedural:journeyman', 'procedural:master'] as const;

/** Name of a teacher: `provider:model`. */
export const Teacher = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,30}:[\x21-\x7e]{1,200}$/,
    'provider:model, such as `procedural:master` or `openai:gpt-5-mini`',
  )
  .refine((name) => !name.startsWith('procedural:') || (PROCEDURAL_TEACHERS as readonly string[]).includes(name), {
    error: `procedural teachers are ${PROCEDURAL_TEACHERS.join(', ')}`,
  });
export type Teacher = z.infer<typeof Teacher>;
