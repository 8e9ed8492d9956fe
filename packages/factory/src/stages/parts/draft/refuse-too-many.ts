import { CogumiError, EXIT } from '@cogumi/contracts';

/** @throws CogumiError TOO_FEW_LAYERS: the plan knows it, and the job would find out only after all that comes before. */
export function refuseTooMany(kept: number | null, layers: number): void {
  if (kept === null ? layers > 1 : kept < layers) return;
  throw new CogumiError(
    'TOO_FEW_LAYERS',
    `\`draft.layers\` is ${kept ?? 'not set'}, and the model has ${layers} ${layers === 1 ? 'layer' : 'layers'}: a draft model has fewer.`,
    layers === 1 ? 'Leave `draft` out of the recipe.' : `Set it to at most ${layers - 1}.`,
    { exitCode: EXIT.usage },
  );
}
