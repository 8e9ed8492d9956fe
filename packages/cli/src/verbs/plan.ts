import { EXIT } from '@cogumi/contracts';
import { loadRecipe, planRecipe } from '@cogumi/factory';
import { describePlan } from '../build/describe-plan.ts';
import { RECIPE_OPTIONS, storeOf } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '<recipe.yaml> [options]',
  details:
    'Shows the stages, which of them the store already has, and the time, size and cost of the rest. Spends nothing.\n' +
    'A plan that exceeds the budget or the machine is shown as well, with the reason below it and exit code 3.',
  positionals: { min: 1, max: 1 },
  options: RECIPE_OPTIONS,
  async run({ positionals, options, json, signal }) {
    const recipe = await loadRecipe(positionals[0] as string, options.set);
    const plan = await planRecipe(recipe, storeOf(options), { until: options.until, signal });
    console.log(json ? JSON.stringify(plan) : describePlan(recipe.name, plan));
    // A program finds it in the plan.
    if (plan.refusal && !json) throw plan.refusal;
    return plan.refusal?.exitCode ?? EXIT.done;
  },
});
