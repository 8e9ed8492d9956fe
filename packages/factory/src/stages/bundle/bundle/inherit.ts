import { readFile } from 'node:fs/promises';
import { BundleConfig, BundleEvidence, type DomainResult } from '@cogumi/contracts';
import type { InputArtifact } from '../../context.ts';

/** What a bundle brings into the one that is made from it: adapters that stay, and what was measured for them. */
export interface InheritedParts {
  readonly modifiers: (BundleConfig['modifiers'][number] & { readonly path: string })[];
  readonly gates: BundleConfig['gates'];
  readonly lineage: BundleConfig['lineage'];
  readonly licences: readonly string[];
  readonly evaluations: BundleEvidence['evaluations'];
  readonly domains: readonly DomainResult[];
  readonly from: Pick<NonNullable<BundleEvidence['inherited']>, 'bundle' | 'name'>;
}

/** Stages whose result is of the whole bundle: they ran again. */
const MADE_AGAIN = ['route', 'bundle', 'validate'];

/**
 * @param stays - Names of the modifiers that stay.
 * @param measured - Nodes of this build, whose figures replace those of the same name.
 */
export async function readInheritedParts(
  artifact: InputArtifact,
  stays: readonly string[],
  measured: ReadonlySet<string>,
): Promise<InheritedParts> {
  const config = BundleConfig.parse(JSON.parse(await readFile(artifact.path('config.json'), 'utf8')));
  const evidence = BundleEvidence.parse(JSON.parse(await readFile(artifact.path('evidence.json'), 'utf8')));
  const digest = String(artifact.manifest.facts.bundle);
  const gone = config.modifiers.filter(({ name }) => !stays.includes(name));
  const goneDomains = gone.map(({ domain }) => domain);
  const isOfGone = (node: string) =>
    gone.some(({ name, domain }) => node.startsWith(`${name}.`) || node.startsWith(`${domain}.`));
  const counts = (node: string) => !measured.has(node) && !MADE_AGAIN.includes(node) && !isOfGone(node);
  const some = <Value>(record: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(record).filter(([node]) => counts(node)));
  return {
    modifiers: config.modifiers.flatMap((modifier) =>
      gone.includes(modifier) ? [] : [{ ...modifier, path: artifact.path(`modifiers/${modifier.name}.gguf`) }],
    ),
    // What was compared through a route that is gone holds no longer.
    gates: config.gates
      .filter(({ stage, name }) => counts(stage) && !goneDomains.some((domain) => name === `no-fall-${domain}`))
      .map((gate) => ({ ...gate, inherited: gate.inherited ?? digest })),
    lineage: some(config.lineage),
    licences: config.licences,
    evaluations: some(evidence.evaluations),
    domains: evidence.domains.filter(({ domain }) => !goneDomains.includes(domain)),
    from: { bundle: digest, name: config.name },
  };
}
