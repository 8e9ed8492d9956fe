export { makeFollowUps } from './follow-ups.ts';
export { makeGeneralPrompts } from './general-prompts.ts';
export { makeOpenings } from './openings.ts';
export type { MakeMessages } from './templates.ts';
