import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactKind } from '@cogumi/contracts';
import { linkOrCopy } from '../../../artifacts/link-or-copy.ts';
import type { InputArtifact } from '../../context.ts';
import { defineStage } from '../../stage.ts';
import { type Evidence, judgeCandidate } from './judge-candidate.ts';
import { ChooseOptions } from './options.ts';

/**
 * A candidate with its evidence and a fallback in, one of the two out: the candidate when every gate of the evidence
 * passes, else the fallback.
 */
export function choose<Kind extends ArtifactKind>(kind: Kind) {
  return defineStage({
    name: 'choose',
    version: 1,
    inputs: { 'candidate?': kind, fallback: kind, 'evidence.*': 'any' },
    output: kind,
    options: ChooseOptions,
    cacheInputs: [],
    resumable: false,
    // Files are linked, so a choice takes neither time nor disk. What follows is planned for the candidate.
    workload: (_options, { candidate, fallback }) => {
      const likely = candidate ?? fallback;
      const chosen = { gives: likely?.items ?? 1, model: likely?.model };
      return { items: 1, unit: 'choices', fixedSeconds: 0.1, secondsPerItem: 0, bytes: 0, ...chosen };
    },
    async run({ options, input, optionalInput, inputsUnder, output }) {
      const found = inputsUnder('evidence');
      const evidence = new Map(options.evidence.map((id): [string, Evidence] => [id, found.get(id)?.manifest ?? null]));
      const candidate = optionalInput('candidate');
      const against = judgeCandidate(evidence, options.accepted);
      const taken = candidate !== null && against.length === 0;
      const chosen = taken ? candidate : input('fallback');
      await linkFiles(chosen, output);
      return {
        gates: [],
        facts: { ...chosen.manifest.facts, chosen: taken ? 'candidate' : 'fallback', against },
      };
    },
  });
}

/** Both artifacts share one copy of each file: artifacts are never changed. */
async function linkFiles({ manifest, path }: InputArtifact, output: string): Promise<void> {
  for (const file of manifest.files) {
    const target = join(output, file.path);
    await mkdir(dirname(target), { recursive: true });
    await linkOrCopy(path(file.path), target);
  }
}
