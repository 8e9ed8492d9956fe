import { z } from 'zod';

/** Who can be asked, as `provider:model`. */
export const Teacher = z.enum(['procedural:apprentice', 'procedural:journeyman', 'procedural:master']);
export type Teacher = z.infer<typeof Teacher>;
