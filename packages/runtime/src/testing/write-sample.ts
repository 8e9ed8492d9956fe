import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleBundle, tarOf } from './sample-bundle.ts';
import { tinyAdapter, tinyModel } from './tiny-model.ts';

/**
 * Writes the bundle `sample`: half a million random weights, two modifiers, and a router that always chooses `code`.
 *
 * @param contextTokens - That the model was trained for. @returns Its path.
 */
export async function writeSample(folder: string, contextTokens = 4096): Promise<string> {
  const router = {
    schema: 1,
    routes: ['base', 'code'],
    features: { hiddenSize: 8, mean: Array(8).fill(0), scale: Array(8).fill(1) },
    // Always the modifier: softmax(0, ln 9) = 0.9.
    layers: [{ inputs: 8, outputs: 2, weights: Array(16).fill(0), bias: [0, Math.log(9)] }],
    perplexityBound: 1e9,
  };
  const adapters = { code: tinyAdapter(1), reasoning: tinyAdapter(2) };
  const path = join(folder, 'sample.cogumi');
  await writeFile(path, tarOf(sampleBundle({ base: await tinyModel({ contextTokens }), adapters, router })));
  return path;
}
