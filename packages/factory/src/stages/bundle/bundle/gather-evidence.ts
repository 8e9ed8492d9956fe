import { type BundleEvidence, ComparisonFacts } from '@cogumi/contracts';
import type { InputArtifact } from '../../context.ts';
import type { InheritedParts } from './inherit.ts';

/** What was measured: of every node of this build, and of the bundle that it extends what was not measured again, named as such. */
export function gatherEvidence(
  nodes: ReadonlyMap<string, InputArtifact>,
  router: BundleEvidence['router'],
  inherited: InheritedParts | null,
): BundleEvidence {
  const evaluations = Object.fromEntries(
    [...nodes].flatMap(([id, { manifest }]) => (manifest.kind === 'answers' ? [[id, manifest.facts]] : [])),
  );
  const domains = [...nodes.values()].flatMap(({ manifest }) =>
    manifest.kind === 'comparison' ? ComparisonFacts.parse(manifest.facts).domains : [],
  );
  if (!inherited) return { evaluations, domains, router };
  const again = new Set(domains.map(({ domain }) => domain));
  const before = inherited.domains.filter(({ domain }) => !again.has(domain));
  return {
    evaluations: { ...inherited.evaluations, ...evaluations },
    domains: [...before, ...domains],
    router,
    inherited: {
      ...inherited.from,
      evaluations: Object.keys(inherited.evaluations),
      domains: before.map(({ domain }) => domain),
    },
  };
}
