import type { RouterWeights } from '@cogumi/contracts';
import type { Random } from '@cogumi/pure';
import type { RouteStageOptions } from './options.ts';
import { repeatFew } from './repeat-few.ts';
import { type Example, trainNetwork } from './train-network.ts';

/** Prompts that a router learns from, as a layer of the base reads them. */
export interface LearnedExamples {
  readonly tasks: readonly Example[];
  readonly general: readonly Example[];
  readonly openings: readonly Example[];
  readonly followUps: readonly Example[];
}

/** Learns the network that chooses the route, and the one that knows follow-ups, on the states of one layer. */
export function trainRouter(
  layer: number | null,
  { tasks, general, openings, followUps }: LearnedExamples,
  options: RouteStageOptions,
  random: Random,
): RouterWeights {
  const routes = ['base', ...Object.keys(options.domains)];
  const learned = [...tasks, ...general];
  const network = trainNetwork(repeatFew(learned), routes.length, options, random.fork('network'));
  const messages = [...learned.map((example) => ({ ...example, label: 0 })), ...openings, ...followUps];
  // As many of both kinds are made, so these need no noise.
  const followUp = trainNetwork(messages, 2, { ...options, noise: 0 }, random.fork('follow-up'));
  return { schema: 1, routes, ...network, followUp, ...(layer === null ? bound(tasks, options) : { layer }) };
}

/** General prompts have no part in the bound: to answer a strange prompt by the base is right for them. */
function bound(
  tasks: readonly Example[],
  { perplexityQuantile, perplexityMargin }: RouteStageOptions,
): { perplexityBound: number } {
  const perplexities = tasks.map(({ perplexity }) => perplexity as number).sort((left, right) => left - right);
  const place = Math.min(perplexities.length - 1, Math.floor(perplexities.length * perplexityQuantile));
  return { perplexityBound: (perplexities[place] as number) * perplexityMargin };
}
