import { loadRecipe, planRecipe, sampleRecipe, writeReport } from '@cogumi/factory';
import { confirmSpending } from '../build/confirm-spending.ts';
import { describeDomains } from '../build/describe-domains.ts';
import { describeExtrapolation } from '../build/describe-plan.ts';
import { runBuild } from '../build/run-build.ts';
import { wholeNumber } from '../parse-call.ts';
import { BUILD_OPTIONS, RECIPE_OPTIONS, storeOf } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '<recipe.yaml> [options]',
  details:
    'Resumes a build that was stopped, and skips stages whose inputs have not changed. Writes the bundle to\n' +
    'STORE/bundles and the report to STORE/runs/<run>.',
  positionals: { min: 1, max: 1 },
  options: {
    ...RECIPE_OPTIONS,
    sample: {
      type: 'string',
      value: '<items>',
      describe: 'build with at most this many items per stage, then estimate the whole recipe',
    },
    bucket: {
      type: 'string',
      value: '<s3://bucket/prefix>',
      describe: 'take artifacts from an S3-compatible store and put them there; keys and endpoint as of AWS (AWS_…)',
    },
    ...BUILD_OPTIONS,
  },
  async run({ positionals, options, json, signal }) {
    const path = positionals[0] as string;
    const full = await loadRecipe(path, options.set);
    const sampled =
      options.sample === undefined ? full : sampleRecipe(full, wholeNumber('sample', options.sample, 1, 1e6));
    const recipe = { ...sampled, override: [...sampled.override, ...(options.override ?? [])] };
    const store = storeOf(options);
    if (recipe.budget.money > 0 && options.yes !== true) {
      const plan = await planRecipe(recipe, store, { until: options.until, signal });
      if (plan.refusal) throw plan.refusal;
      await confirmSpending(plan, json);
    }
    const result = await runBuild(recipe, { store, until: options.until, bucket: options.bucket, json, signal });
    const report = await writeReport(store, result.run);
    if (!json) {
      console.log(`  report  ${report}`);
      if (result.domains.length > 0) console.log(`\n${describeDomains(recipe.name, result.domains)}`);
    }
    if (options.sample !== undefined) {
      const extrapolated = await planRecipe(full, store, { until: options.until, signal });
      console.log(
        json ? JSON.stringify({ event: 'extrapolation', ...extrapolated }) : describeExtrapolation(extrapolated),
      );
    }
    return result.exitCode;
  },
});
