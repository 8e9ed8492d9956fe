// Installs llama.cpp's own converters from the source of the prebuilt library, which the npm package node-llama-cpp contains as
// a git bundle. The package is downloaded but not installed, because its dependencies include 700 MB of GPU libraries
// (docs/decisions/0003-llama-source.md).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runOwned } from '../packages/pure/src/process/owned-child.mjs';

/** The parts of the source that the engine needs; the rest is not kept. */
const KEPT = ['convert_hf_to_gguf.py', 'convert_lora_to_gguf.py', 'conversion', 'gguf-py', 'LICENSE'];

export async function installLlamaSource(root) {
  const target = join(root, '.cache/llama.cpp');
  await withLlamaSource(root, (source) => {
    const kept = join(source, '../kept');
    mkdirSync(kept);
    for (const name of KEPT) renameSync(join(source, name), join(kept, name));
    rmSync(target, { recursive: true, force: true });
    renameSync(kept, target);
  });
  if (!existsSync(join(target, 'convert_hf_to_gguf.py'))) throw new Error(`${target} is incomplete`);
}

/**
 * Unpacks the source into a temporary folder of the cache, and removes it when `use` has ended.
 *
 * @template Result
 * @param {string} root - Of the repository.
 * @param {(source: string) => Result | Promise<Result>} use
 * @returns {Promise<Result>}
 */
export async function withLlamaSource(root, use) {
  const pin = JSON.parse(readFileSync(join(root, 'scripts/llama-source.json'), 'utf8'));
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'llama-'));
  const run = async (program, ...args) => {
    const { code, signal, stdout, stderr } = await runOwned(program, args, { cwd: work });
    if (code !== 0) throw new Error(stderr.trim() || `${program} ended with ${signal ?? `exit code ${code}`}`);
    return stdout;
  };
  try {
    const archive = (await run('npm', 'pack', pin.package, '--silent')).trim().split('\n').at(-1);
    const found = `sha512-${createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64')}`;
    if (found !== pin.integrity) throw new Error(`the digest of ${pin.package} is ${found}, expected ${pin.integrity}`);
    await run('tar', 'xzf', archive, pin.bundle);
    await run('git', 'clone', '--quiet', pin.bundle, 'source');
    return await use(join(work, 'source'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
