import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuntime } from '../open-bundle.ts';
import type { Runtime } from '../runtime.ts';
import { writeSample } from './write-sample.ts';

/**
 * Opens a bundle named `sample` in a temporary folder. It has two modifiers and a router that always chooses `code`.
 *
 * @param options - `contextTokens`: most tokens of a conversation, at most 32,768.
 */
export async function openSample({ contextTokens = 256 } = {}): Promise<{ folder: string; runtime: Runtime }> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'));
  const path = await writeSample(folder, 32_768);
  const runtime = await openRuntime(path, { cache: folder, contextTokens, threads: 1, sequences: 2 });
  return { folder, runtime };
}
