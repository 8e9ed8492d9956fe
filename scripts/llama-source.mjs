// Installs llama.cpp's own converters from the source of the prebuilt library, which the npm package node-llama-cpp contains as
// a git bundle. The package is downloaded but not installed, because its dependencies include 700 MB of GPU libraries
// (docs/decisions/0003-llama-source.md).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The parts of the source that the engine needs; the rest is not kept. */
const KEPT = ['convert_hf_to_gguf.py', 'convert_lora_to_gguf.py', 'conversion', 'gguf-py', 'LICENSE'];

export function installLlamaSource(root) {
  const pin = JSON.parse(readFileSync(join(root, 'scripts/llama-source.json'), 'utf8'));
  const target = join(root, '.cache/llama.cpp');
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(join(dirname(target), 'llama-'));
  const run = (program, ...args) =>
    execFileSync(program, args, { cwd: work, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  try {
    const archive = run('npm', 'pack', pin.package, '--silent').trim().split('\n').at(-1);
    const found = `sha512-${createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64')}`;
    if (found !== pin.integrity) throw new Error(`the digest of ${pin.package} is ${found}, expected ${pin.integrity}`);
    run('tar', 'xzf', archive, pin.bundle);
    run('git', 'clone', '--quiet', pin.bundle, 'source');
    mkdirSync(join(work, 'kept'));
    for (const name of KEPT) renameSync(join(work, 'source', name), join(work, 'kept', name));
    rmSync(target, { recursive: true, force: true });
    renameSync(join(work, 'kept'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (!existsSync(join(target, 'convert_hf_to_gguf.py'))) throw new Error(`${target} is incomplete`);
}
