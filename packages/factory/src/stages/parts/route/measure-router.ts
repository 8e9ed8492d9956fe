import type { Domain, Gate, RouterWeights } from '@cogumi/contracts';
import { decideRoute } from '@cogumi/pure';
import { shareGate } from '../../judge-gate.ts';
import { confusionMatrix } from './confusion-matrix.ts';
import { conversationOutcomes, measureConversations } from './measure-conversations.ts';
import type { RouteStageOptions } from './options.ts';
import type { Example } from './train-network.ts';

/** Held-out prompts, as a layer of the base reads them. */
export interface HeldOutExamples {
  readonly known: readonly Example[];
  readonly unseen: readonly Example[];
  readonly general: readonly Example[];
  readonly examples: ReadonlyMap<Domain, readonly Example[]>;
  readonly followUps: readonly Example[];
}

/** A router and how it does on held-out prompts. */
export interface MeasuredRouter {
  readonly weights: RouterWeights;
  /** For each kind of held-out prompts whether each was routed right. */
  readonly outcomes: Readonly<Record<string, readonly boolean[]>>;
  readonly confusion: ReturnType<typeof confusionsOf>;
  readonly gates: readonly Gate[];
}

export function measureRouter(
  weights: RouterWeights,
  heldOut: HeldOutExamples,
  options: Pick<RouteStageOptions, 'minAccuracy' | 'minUnseenAccuracy' | 'minExampleAccuracy'>,
): MeasuredRouter {
  const right = (prompts: readonly Example[]) =>
    prompts.map((prompt) => decideRoute(weights, prompt).at === prompt.label);
  const own = [...heldOut.examples].map(([domain, prompts]) => [`examples of ${domain}`, right(prompts)] as const);
  const { followUps, changes } = conversationOutcomes(weights, heldOut.known, heldOut.followUps);
  const confusion = confusionsOf(weights, heldOut);
  return {
    weights,
    outcomes: {
      known: right(heldOut.known),
      unseen: right(heldOut.unseen),
      general: right(heldOut.general),
      ...Object.fromEntries(own),
      'follow-ups': followUps,
      changes,
    },
    confusion,
    gates: gatesOf(confusion, options),
  };
}

function confusionsOf(weights: RouterWeights, { known, unseen, general, examples, followUps }: HeldOutExamples) {
  const byDomain = [...examples].map(([domain, prompts]) => [domain, confusionMatrix(weights, prompts)] as const);
  return {
    routes: weights.routes,
    known: confusionMatrix(weights, known),
    unseen: confusionMatrix(weights, unseen),
    general: confusionMatrix(weights, general),
    examples: Object.fromEntries(byDomain),
    conversations: measureConversations(weights, known, followUps),
  };
}

function gatesOf(
  { known, unseen, general, examples }: ReturnType<typeof confusionsOf>,
  { minAccuracy, minUnseenAccuracy, minExampleAccuracy }: Parameters<typeof measureRouter>[2],
): Gate[] {
  return [
    gate('known-wordings', 'The right modifier for held-out prompts in wordings that training saw', minAccuracy, known),
    gate(
      'unseen-wordings',
      'The right modifier for prompts in wordings that training never saw',
      minUnseenAccuracy,
      unseen,
    ),
    gate('general-prompts', 'The base for prompts of no domain, in new wordings', minUnseenAccuracy, general),
    ...Object.entries(examples).map(([domain, measured]) =>
      gate(
        examplesGateName(`examples.${domain}`),
        `The right modifier for held-out examples of ${domain}, in their own words`,
        minExampleAccuracy,
        measured,
        // There are as many as the user has, so few that one wrong one could be chance.
        true,
      ),
    ),
  ];
}

function gate(
  name: string,
  criterion: string,
  threshold: number,
  { right, prompts, matrix }: { right: number; prompts: number; matrix: readonly unknown[] },
  guard = false,
): Gate {
  // A router with one route is always right, which says nothing.
  const chosen = matrix.length > 1 ? prompts : 0;
  const evidence = `confusion.json: ${right} of ${prompts} prompts, ${matrix.length} routes`;
  const advice = 'More `route.promptsPerRoute` or more wordings; with `inconclusive`, more `route.heldOutPerDomain`.';
  return shareGate({ name, criterion, threshold, unit: 'share of prompts', evidence, advice, guard }, right, chosen);
}

/** @param input - `examples.<domain>` */
export function examplesGateName(input: string): string {
  return input.replace('.', '-');
}
