import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Answer } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import type { InputArtifact } from '../../context.ts';
import { FALL_GATES, fallGates } from '../../fall-gates.ts';
import { pairAnswers } from '../../pair-answers.ts';
import { defineStage } from '../../stage.ts';
import { domainResults } from './domain-results.ts';
import { CompareOptions } from './options.ts';
import { routeAnswers } from './route-answers.ts';

const ADVICE =
  'Add a modifier for this domain, or rows of it in `synthesize`; the gates of the tuned and the quantized model say where it fell.';

/** What ships, domain by domain through its route, beside the model that the build started from. */
export const compare = defineStage({
  name: 'compare',
  version: 2,
  inputs: { start: 'answers', base: 'answers', 'modifier.*': 'answers' },
  output: 'comparison',
  options: CompareOptions,
  cacheInputs: [],
  resumable: false,
  gateNames: () => [FALL_GATES],
  workload: (_options, { base }) => ({
    ...{ items: base?.items ?? 0, unit: 'answers', fixedSeconds: 0.1, secondsPerItem: 0, bytes: 2000 },
  }),
  async run({ options, input, inputsUnder, output }) {
    const read = (artifact: InputArtifact) => readAllJsonl(artifact.path('answers.jsonl'), Answer);
    const modifiers = new Map<string, Answer[]>();
    for (const [name, artifact] of inputsUnder('modifier')) modifiers.set(name, await read(artifact));
    const routed = routeAnswers(await read(input('base')), modifiers, options.domains);
    const pairs = pairAnswers(
      routed.map(({ answer }) => answer),
      await read(input('start')),
    );
    const domains = domainResults(pairs, new Map(routed.map(({ answer, route }) => [answer.domain, route])));
    await writeFile(join(output, 'domains.json'), `${JSON.stringify(domains, null, 1)}\n`);
    return { gates: fallGates(pairs, ADVICE), facts: { domains } };
  },
});
