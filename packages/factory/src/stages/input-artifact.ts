import { join } from 'node:path';
import type { Artifact } from '../artifacts/store.ts';
import type { InputArtifact } from './context.ts';

/** A finished artifact as a stage reads it. */
export function inputArtifact({ manifest, folder }: Artifact): InputArtifact {
  return {
    manifest,
    folder,
    path: (file) => join(folder, file),
    digest: (file) => {
      const entry = manifest.files.find(({ path }) => path === file);
      if (!entry) throw new RangeError(`artifact ${manifest.key.slice(0, 12)} (${manifest.stage}) holds no ${file}`);
      return `sha256:${entry.sha256}`;
    },
  };
}

/** The inputs named `prefix.<rest>`, by their rest, in the order of the graph. */
export function inputsUnder(
  prefix: string,
  inputs: ReadonlyMap<string, InputArtifact>,
): ReadonlyMap<string, InputArtifact> {
  return new Map(
    [...inputs].flatMap(([name, input]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), input]] : [],
    ),
  );
}
