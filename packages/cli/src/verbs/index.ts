import type { Verb } from '../verb.ts';
import summaries from './summaries.json' with { type: 'json' };

/**
 * All verbs. To add one, add a line to `summaries.json`, which the launcher reads for --help, and a line here. The code of a
 * verb is loaded only when the verb runs.
 */
export const VERBS: Readonly<Record<keyof typeof summaries, () => Promise<{ verb: Verb }>>> = {
  plan: () => import('./plan.ts'),
  build: () => import('./build.ts'),
  domain: () => import('./domain.ts'),
  data: () => import('./data.ts'),
  report: () => import('./report.ts'),
  runs: () => import('./runs.ts'),
  clean: () => import('./clean.ts'),
  verify: () => import('./verify.ts'),
  key: () => import('./key.ts'),
  serve: () => import('./serve.ts'),
  chat: () => import('./chat.ts'),
  eval: () => import('./eval.ts'),
  judge: () => import('./judge.ts'),
  bench: () => import('./bench.ts'),
  doctor: () => import('./doctor.ts'),
};

export { summaries };
