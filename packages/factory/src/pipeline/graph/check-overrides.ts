import { CogumiError, EXIT } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import type { Node } from './node.ts';

/** An override that names no stage of the build would be forgotten in silence. */
export function refuseStrayOverrides(overrides: readonly string[], nodes: readonly Node[]): void {
  const ids = nodes.map(({ id }) => id);
  for (const name of overrides) {
    const stage = name.split('/')[0] as string;
    if (name === '*' || (ids.includes(stage) && name.includes('/'))) continue;
    const near = nearest(stage, ids);
    throw new CogumiError(
      'OVERRIDE_UNKNOWN',
      `The override "${name}" names no gate of this build.${near ? ` Did you mean "${near}/…"?` : ''}`,
      'An override is `<stage>/<gate>`, as a failed gate is printed, or `*`.',
      { exitCode: EXIT.usage },
    );
  }
}
