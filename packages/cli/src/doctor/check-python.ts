import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pythonPath, ROOT } from '@cogumi/factory';
import { runOwned } from '@cogumi/pure/process';
import { type Check, check } from './check.ts';

const SETUP = 'Run `npm run setup`: it creates .venv with pinned packages.';
/** Importing torch from a cold disk takes up to 20 s on a slow machine (measured). */
const PROBE_MS = 60_000;
const PACKAGES = ['torch', 'transformers', 'peft', 'accelerate', 'safetensors', 'tokenizers', 'numpy', 'gguf'] as const;
const NEEDED: readonly string[] = ['torch', 'transformers', 'peft', 'safetensors', 'tokenizers', 'numpy'];

/** Reads versions without importing the packages. Only torch is imported, because it knows the device. */
const PROBE = `
import json, sys
sys.path.insert(0, ${JSON.stringify(join(ROOT, 'engine'))})
from importlib.metadata import version, PackageNotFoundError
def of(name):
    try: return version(name)
    except PackageNotFoundError: return None
facts = {"python": sys.version.split()[0], "packages": {name: of(name) for name in ${JSON.stringify(PACKAGES)}}}
try:
    import torch
    from cogumi_engine.device import prefers_bf16
    cuda = torch.cuda.is_available()
    facts["torch"] = {"cuda": torch.version.cuda, "gpu": cuda, "bf16": prefers_bf16("cpu"),
        "devices": [{"name": torch.cuda.get_device_name(i), "free": torch.cuda.mem_get_info(i)[0],
                     "bf16": torch.cuda.is_bf16_supported(including_emulation=False)} for i in range(torch.cuda.device_count())] if cuda else [],
        "cpu": torch.backends.cpu.get_cpu_capability()}
except Exception as error:
    facts["failure"] = f"{type(error).__name__}: {error}"
print(json.dumps(facts))
`;

interface Facts {
  readonly python: string;
  readonly packages: Readonly<Record<string, string | null>>;
  readonly torch?: {
    readonly cuda: string | null;
    readonly gpu: boolean;
    readonly bf16: boolean;
    readonly devices: readonly { readonly name: string; readonly free: number; readonly bf16: boolean }[];
    readonly cpu: string;
  };
  readonly failure?: string;
}

/** Checks Python, the engine's packages, GPU and bf16. Building needs them; serving does not. */
export async function checkPython(environment: NodeJS.ProcessEnv = process.env): Promise<Check[]> {
  const path = pythonPath(environment);
  if (!existsSync(path)) return [check('python', 'fail', `not at ${path}`, `${SETUP} Serving does not need it.`)];
  let facts: Facts;
  try {
    const { code, signal, stdout, stderr } = await runOwned(path, ['-I', '-c', PROBE], { timeoutMs: PROBE_MS });
    if (code !== 0) throw new Error(`${signal ?? `exit code ${code}`} ${stderr.trim().split('\n').at(-1)}`);
    facts = JSON.parse(stdout) as Facts;
  } catch (error) {
    return [check('python', 'fail', `${path} does not run: ${(error as Error).message.split('\n')[0]}`, SETUP)];
  }
  return judgePython(facts);
}

export function judgePython({ python, packages, torch, failure }: Facts): Check[] {
  const missing = NEEDED.filter((name) => packages[name] == null);
  const versions = Object.entries(packages).flatMap(([name, version]) =>
    version === null ? [] : [`${name} ${version}`],
  );
  const checks = [
    check(
      'python',
      /^3\.(1[1-9])\./.test(python) ? 'ok' : 'warn',
      python,
      'The engine is tested on Python 3.11 to 3.13.',
    ),
    check(
      'python packages',
      missing.length === 0 ? 'ok' : 'fail',
      `${versions.join(', ') || 'none'}${missing.length === 0 ? '' : `; missing: ${missing.join(', ')}`}`,
      SETUP,
    ),
  ];
  if (failure !== undefined) return [...checks, check('torch', 'fail', failure, SETUP)];
  if (!torch) return checks;
  const gpu = torch.devices.map(({ name, free }) => `${name}, ${(free / 2 ** 30).toFixed(0)} GiB free`).join('; ');
  checks.push(
    torch.gpu
      ? check('gpu', 'ok', `${gpu}, CUDA ${torch.cuda}`)
      : check(
          'gpu',
          'warn',
          torch.cuda === null ? 'torch is built without CUDA' : `torch has CUDA ${torch.cuda} but finds no device`,
          'Nano needs no GPU. Larger recipes need a CUDA build of torch and a matching driver; `nvidia-smi` has to list the device.',
        ),
  );
  const bf16 = torch.gpu ? torch.devices.every((device) => device.bf16) : torch.bf16;
  const where = torch.gpu ? 'GPU' : `CPU (${torch.cpu})`;
  checks.push(
    check(
      'bf16',
      bf16 ? 'ok' : 'warn',
      `${bf16 ? 'faster' : 'no faster than f32'} on the ${where}`,
      'Training uses f32 instead: equally correct, with more memory.',
    ),
  );
  return checks;
}
