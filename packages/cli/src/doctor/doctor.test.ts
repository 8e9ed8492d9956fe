import { describe, expect, it } from 'vitest';
import { checkDisk, checkMemory } from './check-machine.ts';
import { checkNetwork } from './check-network.ts';
import { checkPython, judgePython } from './check-python.ts';

const PACKAGES = {
  torch: '2.13.0',
  transformers: '5.17.0',
  peft: '0.21.2',
  accelerate: '1.15.0',
  safetensors: '0.8.0',
  tokenizers: '0.23.3',
  numpy: '2.4.6',
  gguf: '0.19.0',
};
const GIB = 2 ** 30;

function statuses(facts: Parameters<typeof judgePython>[0]) {
  return Object.fromEntries(judgePython(facts).map(({ name, status }) => [name, status]));
}

describe('judgePython', () => {
  it('passes with a GPU that computes bf16', () => {
    const torch = {
      cuda: '12.8',
      gpu: true,
      bf16: false,
      cpu: 'AVX2',
      devices: [{ name: 'H100', free: 80 * GIB, bf16: true }],
    };
    expect(statuses({ python: '3.12.3', packages: PACKAGES, torch })).toEqual({
      python: 'ok',
      'python packages': 'ok',
      gpu: 'ok',
      bf16: 'ok',
    });
  });

  it('warns about slow hardware, and distinguishes a wrong driver from a build without CUDA', () => {
    const torch = { cuda: '12.8', gpu: false, bf16: false, cpu: 'AVX2', devices: [] };
    const [, , gpu, bf16] = judgePython({ python: '3.12.3', packages: PACKAGES, torch });
    expect(gpu).toMatchObject({ status: 'warn', found: 'torch has CUDA 12.8 but finds no device' });
    expect(bf16).toMatchObject({ status: 'warn', advice: expect.stringContaining('f32') });
    const plain = judgePython({ python: '3.12.3', packages: PACKAGES, torch: { ...torch, cuda: null } });
    expect(plain[2]!.found).toBe('torch is built without CUDA');
  });

  it('fails if a package is missing or torch does not load', () => {
    const facts = { python: '3.12.3', packages: { ...PACKAGES, peft: null }, failure: 'ImportError: libcudart.so' };
    const checks = judgePython(facts);
    expect(checks[1]).toMatchObject({ status: 'fail', found: expect.stringContaining('missing: peft') });
    expect(checks[2]).toMatchObject({ name: 'torch', status: 'fail', found: 'ImportError: libcudart.so' });
  });

  it('fails if Python does not run', async () => {
    const [python] = await checkPython({ COGUMI_PYTHON: '/bin/false' });
    expect(python).toMatchObject({ status: 'fail', advice: expect.stringContaining('npm run setup') });
  });
});

describe('checkMemory and checkDisk', () => {
  it('compare memory with the need of a nano build', () => {
    expect(checkMemory(6 * GIB, 8 * GIB).status).toBe('ok');
    expect(checkMemory(1 * GIB, 8 * GIB)).toMatchObject({ status: 'warn', found: '1.0 GiB free of 8.0 GiB' });
    expect(checkMemory(1 * GIB, 2 * GIB).status).toBe('fail');
  });

  it('find the disk of a folder that does not exist yet', async () => {
    expect(await checkDisk('disk', 'not/there/yet', 1)).toMatchObject({ status: 'ok' });
    expect(await checkDisk('disk', 'not/there/yet', Number.MAX_SAFE_INTEGER)).toMatchObject({ status: 'warn' });
  });
});

describe('checkNetwork', () => {
  it('requests the configured endpoint and only warns if it fails', async () => {
    const requested: string[] = [];
    const get = (async (url: string) => {
      requested.push(url);
      return new Response(null, { status: 200 });
    }) as unknown as typeof fetch;
    expect((await checkNetwork({ HF_ENDPOINT: 'https://mirror.example' }, get)).status).toBe('ok');
    expect(requested).toEqual(['https://mirror.example']);
    const refuse = (async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    }) as unknown as typeof fetch;
    expect(await checkNetwork({}, refuse)).toMatchObject({
      status: 'warn',
      found: 'https://huggingface.co cannot be reached: connect ECONNREFUSED',
    });
  });
});
