import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stories260k } from '@cogumi/llama/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { checkGgufArchitecture } from './check-gguf-architecture.ts';

describe('checkGgufArchitecture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-gguf-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (metadata: NonNullable<Parameters<typeof stories260k>[0]>['metadata']) => {
    const path = join(folder, 'model.gguf');
    writeFileSync(path, stories260k(metadata ? { metadata } : {}));
    return path;
  };

  it('takes a Llama, and leaves a file that is none to the stage that reads it', async () => {
    await checkGgufArchitecture(write(undefined));
    writeFileSync(join(folder, 'text.gguf'), 'no model');
    await checkGgufArchitecture(join(folder, 'text.gguf'));
  });

  it.each([
    ['another architecture', { 'general.architecture': { text: 'mamba' } }, 'architecture mamba,'],
    ['experts', { 'llama.expert_count': { u32: 8 } }, 'llama with 8 experts'],
  ])('refuses %s by name', async (_, metadata, message) => {
    await expect(checkGgufArchitecture(write(metadata))).rejects.toMatchObject({
      code: 'ARCHITECTURE_UNKNOWN',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('llama, smollm3'),
    });
  });
});
