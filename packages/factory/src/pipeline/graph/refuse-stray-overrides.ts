import { CogumiError, EXIT } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { isDeclaredGate } from '../../stages/gate-names.ts';
import type { Stage } from '../../stages/stage.ts';
import type { Node } from './node.ts';

/**
 * An override that names no gate of the build would be forgotten in silence.
 *
 * @throws CogumiError OVERRIDE_UNKNOWN with the nearest name, and all gates of the stage where the stage is known.
 */
export function refuseStrayOverrides(overrides: readonly string[], nodes: readonly Node[]): void {
  for (const name of overrides) {
    if (name === '*') continue;
    const slash = name.indexOf('/');
    const [id, gate] = slash === -1 ? [name, null] : [name.slice(0, slash), name.slice(slash + 1)];
    const node = nodes.find((one) => one.id === id);
    if (!node) throw unknownStage(name, id, gate, nodes);
    const declared = gateNames(node);
    if (gate === null || !isDeclaredGate(declared, gate)) throw unknownGate(name, node, gate, declared);
  }
}

function gateNames({ stage, options, inputs }: Node): readonly string[] {
  return (stage as Stage).gateNames?.(options, Object.keys(inputs)) ?? [];
}

function unknownStage(name: string, id: string, gate: string | null, nodes: readonly Node[]): CogumiError {
  const near = nearest(
    id,
    nodes.map((node) => node.id),
  );
  const meant = near === null ? '' : ` Did you mean "${near}/${gate || '…'}"?`;
  return unknown(
    `The override "${name}" names no gate of this build: it has no stage "${id}".${meant}`,
    'An override is `<stage>/<gate>`, as a failed gate is printed, or `*`.',
  );
}

function unknownGate(name: string, { id }: Node, gate: string | null, declared: readonly string[]): CogumiError {
  const all = declared.map((one) => `${id}/${one}`).join(', ');
  const near = gate === null ? null : nearest(gate, declared);
  const what = gate === null ? 'a gate is missing after its stage' : `\`${id}\` has no gate "${gate}"`;
  const meant = near === null ? '' : ` Did you mean "${id}/${near}"?`;
  return unknown(
    `The override "${name}" names no gate of this build: ${what}.${meant}`,
    declared.length === 0 ? `\`${id}\` has no gates.` : `Its gates: ${all}.`,
  );
}

function unknown(message: string, hint: string): CogumiError {
  return new CogumiError('OVERRIDE_UNKNOWN', message, hint, { exitCode: EXIT.usage });
}
