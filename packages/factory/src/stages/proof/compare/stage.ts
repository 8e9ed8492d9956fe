import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Answer } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import type { InputArtifact } from '../../context.ts';
import { FALL_GATES, fallGates } from '../../fall-gates.ts';
import { pairAnswers } from '../../pair-answers.ts';
import { routeAnswers } from '../../route-answers.ts';
import { defineStage } from '../../stage.ts';
import { domainResults } from './domain-results.ts';
import { headline } from './headline.ts';
import { CompareOptions } from './options.ts';

const ADVICE =
  'Add a modifier for this domain, or rows of it in `synthesize`; the gates of the tuned and the quantized model say where it fell.';

/** What ships, domain by domain through its route, beside the model that the build started from, and the reference. */
export const compare = defineStage({
  name: 'compare',
  version: 3,
  inputs: { start: 'answers', base: 'answers', 'reference?': 'answers', 'modifier.*': 'answers' },
  output: 'comparison',
  options: CompareOptions,
  cacheInputs: [],
  resumable: false,
  gateNames: () => [FALL_GATES],
  workload: (_options, { base }) => ({
    ...{ items: base?.items ?? 0, unit: 'answers', fixedSeconds: 0.1, secondsPerItem: 0, bytes: 2000 },
  }),
  async run({ options, input, optionalInput, inputsUnder, output }) {
    const read = (artifact: InputArtifact) => readAllJsonl(artifact.path('answers.jsonl'), Answer);
    const modifiers = new Map<string, Answer[]>();
    for (const [name, artifact] of inputsUnder('modifier')) modifiers.set(name, await read(artifact));
    const [start, base, reference] = [input('start'), input('base'), optionalInput('reference')];
    const starts = await read(start);
    const routed = routeAnswers(await read(base), modifiers, options.domains);
    const ours = routed.map(({ answer }) => answer);
    const pairs = pairAnswers(ours, starts);
    const routes = new Map(routed.map(({ answer, route }) => [answer.domain, route]));
    const domains = domainResults(pairs, routes);
    await writeFile(join(output, 'domains.json'), `${JSON.stringify(domains, null, 1)}\n`);

    const unchanged = [...routes].filter(([, route]) => route === 'base' && start.manifest.key === base.manifest.key);
    const gates = fallGates(pairs, { advice: ADVICE, same: new Set(unchanged.map(([domain]) => domain)) });
    const headlines = [headline('base', ours, starts)];
    if (reference) {
      const better = await read(reference);
      headlines.push(headline('reference', ours, better));
      // Where the start model is the reference, the guards above have looked.
      const tuned = pairAnswers(ours, better).filter(({ domain }) => fromOf(reference)[domain] !== 'start');
      gates.push(...fallGates(tuned, { advice: ADVICE, other: 'the reference', prefix: 'below-reference-' }));
    }
    return { gates, facts: { domains, headlines: headlines.flatMap((found) => found ?? []) } };
  },
});

/** Which model each domain of the reference is from; nothing where it is one model's answers. */
function fromOf({ manifest }: InputArtifact): Readonly<Record<string, unknown>> {
  return (manifest.facts.from ?? {}) as Readonly<Record<string, unknown>>;
}
