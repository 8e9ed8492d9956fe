import { Domain } from '@cogumi/contracts';
import { z } from 'zod';

/** The graph takes it from the bundle's modifiers. */
export const InheritedExamplesOptions = z.strictObject({ domain: Domain });
export type InheritedExamplesOptions = z.infer<typeof InheritedExamplesOptions>;
