import { RouterPrompt } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import type { StageContext } from '../../context.ts';
import type { Label, TaskPrompt } from './gather-prompts.ts';
import type { RouteStageOptions } from './options.ts';

/**
 * What the router of the inherited bundle learned from, by the routes of this one: prompts of a modifier that is gone are the
 * base's now. Those of a domain that is new here are left out, since its own seed prompts say what it is asked.
 */
export async function gatherInherited(
  { options, random, optionalInput, inputsUnder }: StageContext<RouteStageOptions>,
  label: Label,
): Promise<TaskPrompt[]> {
  const inherited = optionalInput('inherited');
  if (!inherited) return [];
  const isNew = new Set([...inputsUnder('modifier').keys()].map((name) => options.domains[name]));
  const all = await readAllJsonl(inherited.path('prompts.jsonl'), RouterPrompt);
  const byRoute = Map.groupBy(
    all.filter(({ domain }) => domain === null || !isNew.has(domain)),
    ({ domain }) => label(domain),
  );
  return [...byRoute].flatMap(([route, own]) =>
    random
      .fork(`inherited/${route}`)
      .sample(own, options.promptsPerRoute)
      .map(({ domain, turns }): TaskPrompt => ({ domain, turns, label: route })),
  );
}
