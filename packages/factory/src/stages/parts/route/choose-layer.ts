import type { Gate } from '@cogumi/contracts';
import { pairedRatio } from '@cogumi/pure';
import type { MeasuredRouter } from './measure-router.ts';

const ORDER: readonly Gate['verdict'][] = ['fail', 'inconclusive', 'pass', 'skipped'];

/**
 * Chooses the earliest layer whose router is as good as the best one on the same held-out prompts: neither on all of them nor on those of one
 * kind does the 95% interval of the ratio of right routes prove that it is worse, and no gate has a worse verdict.
 *
 * @param routers - One for each layer, the earliest first.
 */
export function chooseLayer<Router extends MeasuredRouter>(routers: readonly Router[]): Router {
  const rightOf = ({ outcomes }: MeasuredRouter) => Object.values(outcomes).flat().filter(Boolean).length;
  const most = Math.max(...routers.map(rightOf));
  const best = routers.find((router) => rightOf(router) === most) as Router;
  return routers.find((router) => isAsGood(router, best)) as Router;
}

function isAsGood(router: MeasuredRouter, best: MeasuredRouter): boolean {
  if (router === best) return true;
  const verdictsHold = router.gates.every(
    ({ verdict }, at) => ORDER.indexOf(verdict) >= ORDER.indexOf(best.gates[at]?.verdict ?? 'skipped'),
  );
  const kinds = Object.keys(best.outcomes);
  const pairs = kinds.map((kind) =>
    (router.outcomes[kind] as readonly boolean[]).map(
      (right, at) => [right, best.outcomes[kind]?.[at] as boolean] as const,
    ),
  );
  return verdictsHold && [...pairs, pairs.flat()].every((own) => own.length === 0 || pairedRatio(own).interval[1] >= 1);
}
