import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readBundle } from './read-bundle.ts';

function write(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-foreign-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'file'), content);
  return join(folder, 'file');
}

/** A safetensors file: the length of its header, the header. */
function safetensors(header: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(16)]);
}

function tar(name: string): Buffer {
  const block = Buffer.alloc(1024);
  block.write(name, 0);
  block.write('ustar', 257);
  return block;
}

const zip = (name: string) => Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(26), Buffer.from(name)]);

describe('a file that is no bundle', () => {
  it.each<[string, string | Buffer, string]>([
    ['a GGUF model', Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(600)]), 'llama-server'],
    ['safetensors', safetensors('{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'), 'base.path'],
    ['padded safetensors', safetensors('{ "__metadata__": {}}   '), 'safetensors'],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n', 'git lfs pull'],
    ['a web page', '\n<!DOCTYPE html>\n<html><head></head></html>', 'a web page'],
    ['a web page with a byte order mark', '\ufeff<html lang="en">', 'a web page'],
    ['a checkpoint of PyTorch', zip('archive/data.pkl'), 'safetensors'],
    ['an old checkpoint of PyTorch', Buffer.from([0x80, 2, 0x8a, 0x0a, 0x6c]), 'a pickle'],
    ['a zip archive', zip('nano.cogumi'), 'a zip archive'],
    ['an empty zip archive', Buffer.from('PK\x05\x06'), 'a zip archive'],
    ['gzip', gzipSync('nano'), 'gzip -d'],
    ['zstd', zstdCompressSync(Buffer.from('nano')), 'zstd -d'],
    ['Parquet', 'PAR1\x15\x04\x15', '`import`'],
    ['a tar archive', tar('nano/nano.cogumi'), 'the first is nano/nano.cogumi'],
    ['a recipe', 'name: nano\nmake: bundle\n', 'cogumi build'],
    ['JSON', '{"error":"Not found"}', 'a JSON file'],
  ])('is named: %s', async (_, content, told) => {
    const path = write(content);
    const error = await readBundle(path).then(
      () => null,
      (cause: { code: string; message: string; hint: string }) => cause,
    );
    expect(error?.code).toBe('NOT_A_BUNDLE');
    expect(`${error?.message} ${error?.hint}`).toContain(told);
    expect(error?.message).toContain(path);
    expect(error?.message).not.toContain('checksum');
  });

  it('is named where it is empty', async () => {
    await expect(readBundle(write(''))).rejects.toMatchObject({
      code: 'BUNDLE_TRUNCATED',
      message: expect.stringContaining('it is empty'),
    });
  });

  it('is named where it is a folder', async () => {
    const path = write('');
    mkdirSync(`${path}-folder`);
    await expect(readBundle(`${path}-folder`)).rejects.toMatchObject({
      code: 'NOT_A_BUNDLE',
      message: expect.stringContaining('it is a folder'),
    });
  });
});
