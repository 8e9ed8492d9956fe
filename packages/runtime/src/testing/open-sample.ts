import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuntime } from '../open-bundle.ts';
import type { Runtime } from '../runtime.ts';
import { writeSample } from './write-sample.ts';

/**
 * A context in which an answer without a limit goes on for seconds (32,000 tokens), so that who hangs up in its middle finds it unfinished. In
 * the usual one of tests it may be over in 40 ms: random weights repeat themselves, and most drafts are accepted.
 */
export const LONG_CONTEXT = 32_768;

/**
 * Opens a bundle named `sample` in a temporary folder. It has two modifiers and a router that always chooses `code`.
 *
 * @param options - `contextTokens`: most tokens of a conversation, at most 32,768.
 */
export async function openSample({ contextTokens = 256 } = {}): Promise<{ folder: string; runtime: Runtime }> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'));
  const path = await writeSample(folder, LONG_CONTEXT);
  const runtime = await openRuntime(path, { cache: folder, contextTokens, threads: 1, sequences: 2 });
  return { folder, runtime };
}
