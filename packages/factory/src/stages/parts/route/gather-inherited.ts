import { RouterPrompt } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import type { StageContext } from '../../context.ts';
import type { Label, TaskPrompt } from './gather-prompts.ts';
import type { RouteStageOptions } from './options.ts';

/**
 * What the router of the inherited bundle learned from, by the routes of this one: prompts of a modifier that is gone are the
 * base's now, beside those that it had. Those of a domain that is new here are left out, since its own seed prompts say what it is asked.
 */
export async function gatherInherited(
  { options, random, optionalInput, inputsUnder }: StageContext<RouteStageOptions>,
  label: Label,
): Promise<TaskPrompt[]> {
  const inherited = optionalInput('inherited');
  if (!inherited) return [];
  const isNew = new Set([...inputsUnder('modifier').keys()].map((name) => options.domains[name]));
  const all = await readAllJsonl(inherited.path('prompts.jsonl'), RouterPrompt);
  const byDomain = Map.groupBy(
    all.filter(({ domain }) => domain === null || !isNew.has(domain)),
    ({ domain }) => domain,
  );
  // Domain by domain: where the base takes over a domain with many prompts, it keeps as many of each of its own.
  return [...byDomain].flatMap(([domain, own]) =>
    random
      .fork(`inherited/${domain}`)
      .sample(own, options.promptsPerRoute)
      .map(({ turns }): TaskPrompt => ({ domain, turns, label: label(domain) })),
  );
}
