import { createRandom } from '@cogumi/pure';
import { safetensorsBytes } from '../artifacts/safetensors-bytes.ts';

/**
 * A PEFT folder with a LoRA for one layer, whose weight is [out, in].
 *
 * @param layer - Name of the layer in the base, e.g. `model.layers.0.self_attn.q_proj`.
 * @param shape - `size`: the largest value of B; 0 changes nothing.
 */
export function loraFiles(
  layer: string,
  shape: { readonly rank: number; readonly in: number; readonly out: number; readonly size: number },
): Record<string, string | Uint8Array> {
  const random = createRandom(layer);
  const values = (count: number, size: number) =>
    Float32Array.from({ length: count }, () => (2 * random.next() - 1) * size);
  const tensors = {
    [`base_model.model.${layer}.lora_A.weight`]: {
      shape: [shape.rank, shape.in],
      values: values(shape.rank * shape.in, 1),
    },
    [`base_model.model.${layer}.lora_B.weight`]: {
      shape: [shape.out, shape.rank],
      values: values(shape.out * shape.rank, shape.size),
    },
  };
  const config = {
    ...{ peft_type: 'LORA', task_type: 'CAUSAL_LM', base_model_name_or_path: 'base' },
    ...{ r: shape.rank, lora_alpha: shape.rank, target_modules: [layer.split('.').at(-1)] },
    ...{ layers_to_transform: [Number(/\d+/.exec(layer)?.[0])], bias: 'none' },
  };
  return {
    'adapter_config.json': `${JSON.stringify(config)}\n`,
    'adapter_model.safetensors': safetensors(tensors),
  };
}

/** Bytes of a safetensors file of F32 tensors. */
export function safetensors(
  tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>,
): Uint8Array {
  return safetensorsBytes(Object.entries(tensors).map(([name, tensor]) => ({ name, dtype: 'F32', ...tensor })));
}
