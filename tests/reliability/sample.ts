import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleBundle, tarOf, tinyAdapter, tinyModel } from '@cogumi/runtime/testing';

/** Writes the bundle `sample`: half a million random weights, two adapters, and a router that always chooses `code`. @returns Its path. */
export async function writeSample(folder: string, contextTokens = 4096): Promise<string> {
  const router = {
    schema: 1,
    routes: ['base', 'code'],
    features: { hiddenSize: 8, mean: Array(8).fill(0), scale: Array(8).fill(1) },
    layers: [{ inputs: 8, outputs: 2, weights: Array(16).fill(0), bias: [0, Math.log(9)] }],
    perplexityBound: 1e9,
  };
  const adapters = { code: tinyAdapter(1), reasoning: tinyAdapter(2) };
  const path = join(folder, 'sample.cogumi');
  writeFileSync(path, tarOf(sampleBundle({ base: await tinyModel({ contextTokens }), adapters, router })));
  return path;
}
