import type { Verb } from '../verb.ts';
import summaries from './summaries.json' with { type: 'json' };

/**
 * Every verb. A new one is a line in `summaries.json` (which the launcher reads without starting anything else) and a
 * line here; its code is loaded when it is called.
 */
export const VERBS: Readonly<Record<keyof typeof summaries, () => Promise<{ verb: Verb }>>> = {
  plan: () => import('./plan.ts'),
  build: () => import('./build.ts'),
  data: () => import('./data.ts'),
  report: () => import('./report.ts'),
  runs: () => import('./runs.ts'),
  clean: () => import('./clean.ts'),
  verify: () => import('./verify.ts'),
  serve: () => import('./serve.ts'),
  chat: () => import('./chat.ts'),
  doctor: () => import('./doctor.ts'),
};

export { summaries };
