import type { ExitCode } from '@cogumi/contracts';
import { type BuildResult, type ExtensionSettings, extensionRecipe, planRecipe, writeReport } from '@cogumi/factory';
import { readBundle } from '@cogumi/runtime';
import { confirmSpending } from '../build/confirm-spending.ts';
import { runBuild } from '../build/run-build.ts';
import { UsageError } from '../parse-call.ts';
import { routerCounts } from './router-counts.ts';

/** What `add` and `remove` have in common. */
export interface ExtendCall {
  /** Path of the bundle to start from. */
  readonly bundle: string;
  /** Name of the new bundle; undefined: made of that of the old one. */
  readonly name: string | undefined;
  readonly settings: readonly string[];
  readonly overrides: readonly string[];
  readonly store: string;
  /** Whether the cost of teachers is accepted without a question. */
  readonly yes: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

type Result = BuildResult & { readonly exitCode: ExitCode };

/**
 * Makes a new bundle of an existing one, as a build does: with progress, resume and a report.
 *
 * @param ending - What the name of the new bundle has after that of the old one.
 */
export async function extendBundle(
  call: ExtendCall,
  ending: string,
  settings: Omit<ExtensionSettings, 'name'>,
): Promise<Result> {
  const { bundle, store, json, signal } = call;
  const opened = await readBundle(bundle, signal);
  const name = call.name ?? `${opened.config.name}-${ending}`;
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
    throw new UsageError(
      `The new bundle would be called ${JSON.stringify(name.slice(0, 80))}: a name has lower-case letters, digits and dashes, 63 at most.`,
      'Give it a name with `--name`.',
    );
  }
  const route = await routerCounts(opened);
  const recipe = extensionRecipe({ ...(route && { route }), ...settings, name }, call.settings);
  const full = { ...recipe, override: [...recipe.override, ...call.overrides] };
  if (full.budget.money > 0 && !call.yes) {
    const plan = await planRecipe(full, store, { signal });
    if (plan.refusal) throw plan.refusal;
    await confirmSpending(plan, json);
  }
  const result = await runBuild(full, { store, until: undefined, json, signal });
  const report = await writeReport(store, result.run);
  if (!json) console.log(`  report  ${report}`);
  return result;
}
