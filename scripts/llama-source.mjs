// Lays down llama.cpp's own converters, from the source that the prebuilt library was made of: the npm package
// node-llama-cpp carries it as a git bundle. The package is fetched without being installed, since its install brings
// 700 MB of GPU libraries along (docs/decisions/0003-llama-source.md).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the engine runs; everything else of the source is left out. */
const WANTED = ['convert_hf_to_gguf.py', 'convert_lora_to_gguf.py', 'conversion', 'gguf-py', 'LICENSE'];

export function layDownLlamaSource(root) {
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
    if (found !== pin.integrity) throw new Error(`${pin.package} has ${found}, wanted ${pin.integrity}`);
    run('tar', 'xzf', archive, pin.bundle);
    run('git', 'clone', '--quiet', pin.bundle, 'source');
    mkdirSync(join(work, 'kept'));
    for (const name of WANTED) renameSync(join(work, 'source', name), join(work, 'kept', name));
    rmSync(target, { recursive: true, force: true });
    renameSync(join(work, 'kept'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (!existsSync(join(target, 'convert_hf_to_gguf.py'))) throw new Error(`${target} is not whole`);
}
