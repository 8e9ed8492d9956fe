import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CogumiError } from '@cogumi/contracts';
import { sharedData, slowness } from '@cogumi/pure/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ggufBytes } from '../testing/gguf-bytes.ts';
import { randomLora, stories260k } from '../testing/stories260k.ts';
import { readGgufHeader } from './gguf-header.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gguf-header-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(bytes: Buffer): Promise<string> {
  const path = join(folder, 'file.gguf');
  await writeFile(path, bytes);
  return path;
}

async function refusal(bytes: Buffer): Promise<string> {
  const error: unknown = await readGgufHeader(await file(bytes)).catch((thrown: unknown) => thrown);
  if (!(error instanceof CogumiError)) throw new Error('it was not refused', { cause: error });
  expect(error.code).toBe('GGUF_INVALID');
  return error.message;
}

/** Processor time of this process, which does not depend on how busy the machine is. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const architecture = { 'general.architecture': { text: 'llama' } } as const;
const tensor = (name = 't', shape = [4]) => ({ name, shape, values: new Float32Array(4) });

describe('readGgufHeader', () => {
  it('reads real models and vocabularies with the documented counts', async () => {
    const gpt2 = gunzipSync(await readFile(sharedData('tokenizers/gguf/ggml-vocab-gpt-2.gguf.gz')));
    const paths = {
      model: sharedData('models/llama-2-tiny-random/llama-2-tiny-random.gguf'),
      spm: sharedData('tokenizers/gguf/ggml-vocab-llama-spm.gguf'),
      phi3: sharedData('tokenizers/gguf/ggml-vocab-phi-3.gguf'),
      gpt2: await file(gpt2),
    };
    const model = await readGgufHeader(paths.model);
    expect(model.tensors).toHaveLength(12);
    expect(model.metadata.get('llama.embedding_length')).toBe(8);
    expect(model.metadata.get('llama.block_count')).toBe(1);
    const last = model.tensors.at(-1)!;
    const { size } = await stat(paths.model);
    expect(size - (last.offset + last.bytes)).toBeGreaterThan(0);

    const words = async (path: string) => (await readGgufHeader(path)).metadata.get('tokenizer.ggml.tokens');
    expect(await words(paths.spm)).toEqual({ arrayLength: 32_000 });
    expect(await words(paths.phi3)).toEqual({ arrayLength: 32_064 });
    expect(await words(paths.gpt2)).toEqual({ arrayLength: 50_257 });
  });

  it('reads chat template, special tokens and the table of tensors', async () => {
    const path = await file(stories260k({ metadata: { 'tokenizer.chat_template': { text: '{{ messages }}' } } }));
    const { metadata, tensors, version } = await readGgufHeader(path);
    expect(version).toBe(3);
    expect(metadata.get('tokenizer.chat_template')).toBe('{{ messages }}');
    expect(metadata.get('tokenizer.ggml.bos_token_id')).toBe(1);
    expect(metadata.get('llama.context_length')).toBe(512);
    expect(tensors).toHaveLength(47);
    expect(tensors[0]).toEqual({ name: 'token_embd.weight', shape: [64, 512], type: 0, offset: 0, bytes: 131_072 });
  });

  it('refuses files that are not GGUF: empty, text, garbage, a folder, an older version, another byte order', async () => {
    expect(await refusal(Buffer.alloc(0))).toContain('ends after 0 bytes');
    expect(await refusal(Buffer.from('Once upon a time'))).toContain('magic');
    expect(await refusal(Buffer.alloc(1 << 16, 0xa5))).toContain('magic');
    await expect(readGgufHeader(folder)).rejects.toThrow('not a file');
    await expect(readGgufHeader(join(folder, 'none'))).rejects.toThrow('cannot be opened');
    const old = ggufBytes(architecture, []);
    old.writeUInt32LE(1, 4);
    expect(await refusal(old)).toContain('version 1');
    old.writeUInt32BE(3, 4);
    expect(await refusal(old)).toContain('version 50331648');
  });

  it('refuses huge counts at once, without allocating memory for them', async () => {
    const before = process.memoryUsage().rss;
    const start = cpuMs();
    for (const [at, what] of [
      [8, 'tensors'],
      [16, 'entries'],
      [24, 'bytes of a key'],
      [24 + 8 + 20 + 4, 'bytes of text'],
    ] as const) {
      const bytes = ggufBytes(architecture, [tensor()]);
      bytes.writeBigUInt64LE(0x7fff_ffff_ffff_ffffn, at);
      expect(await refusal(bytes)).toContain(what);
    }
    expect((cpuMs() - start) / slowness()).toBeLessThan(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });

  it('refuses wrong tensors: dimensions, empty, unknown types, duplicates, data outside the file', async () => {
    const good = ggufBytes(architecture, [tensor()]);
    // After the entry (8 + 20 + 4 + 8 + 5) come name (8 + 1), dimensions, shape, type, offset.
    const dimensions = 24 + 45 + 9;
    const changed = async (at: number, write: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(good);
      write(bytes.subarray(at));
      return refusal(bytes);
    };
    for (const count of [0, 5, 0xffff_ffff]) {
      expect(await changed(dimensions, (bytes) => bytes.writeUInt32LE(count))).toContain(`${count} dimensions`);
    }
    expect(await changed(dimensions + 4, (bytes) => bytes.writeBigUInt64LE(0n))).toContain('0 values in a dimension');
    expect(await changed(dimensions + 4, (bytes) => bytes.writeBigUInt64LE(1n << 30n))).toContain('truncated');
    expect(await changed(dimensions + 12, (bytes) => bytes.writeUInt32LE(4))).toContain('unknown type 4');
    const unknown = Buffer.from(good);
    unknown.writeUInt32LE(4, dimensions + 12);
    await expect(readGgufHeader(await file(unknown))).rejects.toMatchObject({
      hint: expect.stringContaining('such as Q8_0 or F16'),
    });
    expect(await changed(dimensions + 12, (bytes) => bytes.writeUInt32LE(12))).toContain(
      'not a multiple of its block size 256',
    );
    expect(await changed(dimensions + 16, (bytes) => bytes.writeBigUInt64LE(32n))).toContain('byte 32 of the data');
    expect(await refusal(ggufBytes(architecture, [tensor(), tensor()]))).toContain('appears twice');
    expect(await refusal(ggufBytes(architecture, [tensor('t', [2, 2, 1, 1, 1])]))).toContain('5 dimensions');
    expect(await refusal(ggufBytes(architecture, [tensor('n'.repeat(64))]))).toContain('tensor name');
  });

  it('refuses counts that would abort the process of llama.cpp, also where they are given per layer', async () => {
    for (const name of ['attention.head_count', 'attention.head_count_kv', 'block_count', 'embedding_length']) {
      const key = `llama.${name}`;
      expect(await refusal(stories260k({ metadata: { [key]: { u32: 0 } } }))).toContain(`${key} is 0`);
    }
    const deep = { 'llama.block_count': { u32: 513 } };
    expect(await refusal(stories260k({ metadata: deep }))).toContain('block_count is 513; the range is 1 to 512');
    const endless = { 'llama.context_length': { u32: 0xff00_0200 } };
    expect(await refusal(stories260k({ metadata: endless }))).toContain('context_length is 4278190592');
    const twice = { 'tokenizer.ggml.tokens': { texts: ['<unk>', '', '', 'a', '<unk>\0b'] } };
    expect(await refusal(stories260k({ metadata: twice }))).toContain('token 4 has the text of an earlier one');
    const none = { 'llama.attention.head_count': { i32s: [0, 0, 0, 0, 0] } };
    expect(await refusal(stories260k({ metadata: none }))).toContain('head_count is 0');
    const some = { 'llama.attention.head_count': { i32s: [8, 0, 8, 8, 8] } };
    await readGgufHeader(await file(stories260k({ metadata: some })));
  });

  it('refuses a file that is truncated anywhere', async () => {
    const bytes = stories260k();
    const path = await file(bytes);
    // From the end to the start, because truncating a file is fast and writing it is slow.
    for (let size = bytes.length - 1; size >= 0; size -= size > 12_000 ? 4099 : 7) {
      await truncate(path, size);
      await expect(readGgufHeader(path)).rejects.toMatchObject({ code: 'GGUF_INVALID' });
    }
  });

  it('reads or refuses a file with any flipped byte within 100 ms of processor time', async () => {
    const bytes = randomLora(1).file;
    const header = bytes.length - 20 * 1024;
    let refused = 0;
    let slowest = 0;
    for (let at = 0; at < header; at++) {
      const changed = Buffer.from(bytes.subarray(0, header + 20 * 1024));
      changed[at]! ^= 1 << (at % 8);
      const path = await file(changed);
      const start = cpuMs();
      await readGgufHeader(path).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'GGUF_INVALID' });
        refused++;
      });
      slowest = Math.max(slowest, cpuMs() - start);
    }
    expect(refused).toBeGreaterThan(header / 4);
    expect(slowest / slowness()).toBeLessThan(100);
  });
});
