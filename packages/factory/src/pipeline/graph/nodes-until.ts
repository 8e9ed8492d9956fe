import { CogumiError, EXIT } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import type { Node } from './node.ts';

/**
 * A node with all nodes that it reads, directly or not, in the order of the graph.
 *
 * @param until - Id of a node; undefined: all.
 * @throws CogumiError STAGE_UNKNOWN.
 */
export function nodesUntil<N extends Node>(nodes: readonly N[], until: string | undefined): N[] {
  if (until === undefined) return [...nodes];
  const ids = nodes.map(({ id }) => id);
  if (!ids.includes(until)) {
    const near = nearest(until, ids);
    throw new CogumiError(
      'STAGE_UNKNOWN',
      `This recipe has no stage "${until}"${near ? `; did you mean "${near}"?` : '.'}`,
      `Its stages: ${ids.join(', ')}.`,
      { exitCode: EXIT.usage },
    );
  }
  const wanted = new Set([until]);
  for (const { id, inputs } of nodes.toReversed())
    if (wanted.has(id)) for (const one of Object.values(inputs)) wanted.add(one);
  return nodes.filter(({ id }) => wanted.has(id));
}
