import { describe, expect, it } from 'vitest';
import { loadLibrary } from './library.ts';
import { libraryFiles } from './library-files.ts';
import { checkLayout } from './library-layout.ts';
import { probeLibrary } from './probe-library.ts';

describe('checkLayout', () => {
  // Loading defines the structs and checks the installed library, so the expected values are known to be the real ones.
  const { version, modelDefaults, contextDefaults, quantizeDefaults, poolDefaults } = loadLibrary();
  const real = {
    llama_model_params: modelDefaults(),
    llama_context_params: contextDefaults(),
    llama_model_quantize_params: quantizeDefaults(),
    ggml_threadpool_params: poolDefaults(3),
  };

  it('accepts the pinned release', () => {
    expect(() => checkLayout(version, real)).not.toThrow();
  });

  it('refuses another version and names every shifted field', () => {
    const shifted = { ...real, llama_context_params: { ...real.llama_context_params, type_k: 0, n_ctx: 0 } };
    expect(() => checkLayout('0.6.0', shifted)).toThrow(
      'its version is "0.6.0" instead of "0.5.0-dev"; llama_context_params.n_ctx is 0 instead of 512; ' +
        'llama_context_params.type_k is 0 instead of 1',
    );
  });
});

describe('the layout of tensors', () => {
  const { tensors } = loadLibrary();

  it('is that of the pinned release, with different operations', () => {
    expect(tensors.check(tensors.read)).toEqual(tensors.operations);
    expect(new Set(Object.values(tensors.operations)).size).toBe(5);
  });

  it('is refused when a field has moved', () => {
    const moved = () => tensors.check((to, from, bytes) => tensors.read(to, from + 8, bytes - 8));
    expect(moved).toThrow(/ggml_tensor: name is .* instead of a\.lora_a; /);
    expect(moved).toThrow(/sizes is 7,2,1,4 instead of 3,7,2,1/);
  });
});

describe('libraryFiles', () => {
  it('refuses a platform without a library and names the supported ones', () => {
    expect(() => libraryFiles('sunos-sparc')).toThrow(
      'There is no llama.cpp library for sunos-sparc; supported: linux-x64',
    );
    try {
      libraryFiles('sunos-sparc');
    } catch (error) {
      expect(error).toMatchObject({ code: 'LLAMA_PLATFORM', exitCode: 3 });
    }
  });
});

describe('probeLibrary', () => {
  it('loads the library in a separate process', async () => {
    expect(await probeLibrary()).toBe('0.5.0-dev');
  });
});
