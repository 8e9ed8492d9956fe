import type { Gate } from '@cogumi/contracts';
import type { Stage } from './stage.ts';

/** Whether a declared name, `*` at its end for any ending, stands for this one. */
function covers(declared: string, name: string): boolean {
  return declared.endsWith('*') ? name.startsWith(declared.slice(0, -1)) : declared === name;
}

/** Whether one of the declared names stands for this one. */
export function isDeclaredGate(declared: readonly string[], name: string): boolean {
  return declared.some((one) => covers(one, name));
}

/**
 * What `--override` takes is checked before a build by the declared names, so no stage may report another.
 *
 * @param inputs - Names of the inputs that the node has in the graph.
 * @throws RangeError for a gate that the stage does not declare.
 */
export function refuseUndeclaredGates<Options>(
  stage: Pick<Stage<Options>, 'name' | 'gateNames'>,
  { options, inputs, gates }: { options: Options; inputs: readonly string[]; gates: readonly Gate[] },
): void {
  const declared = stage.gateNames?.(options, inputs) ?? [];
  const stray = gates.find(({ name }) => !isDeclaredGate(declared, name));
  if (stray) throw new RangeError(`stage ${stage.name} reports the gate ${stray.name}, which its gateNames leave out`);
}
