import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuntime } from '../open-bundle.ts';
import type { Runtime } from '../runtime.ts';
import { sampleBundle, tarOf } from './sample-bundle.ts';
import { tinyAdapter, tinyModel } from './tiny-model.ts';

/**
 * Opens a bundle named `sample` in a temporary folder. It has two modifiers and a router that always chooses `code`.
 *
 * @param options - `contextTokens`: most tokens of a conversation, at most 32,768.
 */
export async function openSample({ contextTokens = 256 } = {}): Promise<{ folder: string; runtime: Runtime }> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'));
  const path = join(folder, 'sample.cogumi');
  const router = {
    schema: 1,
    routes: ['base', 'code'],
    features: { hiddenSize: 8, mean: Array(8).fill(0), scale: Array(8).fill(1) },
    // Always the modifier: softmax(0, ln 9) = 0.9.
    layers: [{ inputs: 8, outputs: 2, weights: Array(16).fill(0), bias: [0, Math.log(9)] }],
    perplexityBound: 1e9,
  };
  const adapters = { code: tinyAdapter(1), reasoning: tinyAdapter(2) };
  await writeFile(path, tarOf(sampleBundle({ base: await tinyModel({ contextTokens: 32_768 }), adapters, router })));
  const runtime = await openRuntime(path, { cache: folder, contextTokens, threads: 1, sequences: 2 });
  return { folder, runtime };
}
