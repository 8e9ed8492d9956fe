import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SHARDS, writeModel, zeros } from '../../../testing/model-folder.ts';
import { runStage } from '../../../testing/stage-context.ts';
import { checkModelFolder } from './check-model-folder.ts';
import { refuseNotFinite } from './refuse-not-finite.ts';
import { base } from './stage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-model-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tensor = { w: { dtype: 'BF16', shape: [2, 3], data_offsets: [0, 12] } };
/** A model folder whose weights file has this header and so many bytes behind it. */
function write(tensors: object, bytes: number, config: object = {}): void {
  const header = Buffer.from(JSON.stringify(tensors));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([size, header, Buffer.alloc(bytes)]));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ architectures: ['LlamaForCausalLM'], ...config }));
}
const tokenizer = (text = '{}') => writeFileSync(join(folder, 'tokenizer.json'), text);

describe('checkModelFolder', () => {
  it('counts the parameters of a whole model, which has a tokenizer', async () => {
    write(tensor, 12);
    await expect(checkModelFolder(folder)).rejects.toThrow('none of tokenizer.json, tokenizer.model and vocab.json');
    tokenizer('{"model"');
    await expect(checkModelFolder(folder)).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
    tokenizer();
    expect(await checkModelFolder(folder)).toMatchObject({ parameters: 6, architecture: 'LlamaForCausalLM' });
  });

  it('refuses a file that was cut short, with both byte counts', async () => {
    write(tensor, 7);
    await expect(checkModelFolder(folder)).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringMatching(/has \d+ bytes; its header promises \d+/),
    });
  });

  it.each([
    ['more values than its bytes hold', { w: { ...tensor.w, shape: [2, 4] } }, 12, '16 bytes; its offsets span 12'],
    ['a wider type than its bytes hold', { w: { ...tensor.w, dtype: 'F32' } }, 12, '24 bytes; its offsets span 12'],
    ['fewer values than its bytes hold', { w: { ...tensor.w, shape: [2] } }, 12, '4 bytes; its offsets span 12'],
    ['an end before its beginning', { w: { ...tensor.w, data_offsets: [12, 0] } }, 0, 'its offsets span -12'],
    ['a type that is none', { w: { ...tensor.w, dtype: 'BF17' } }, 12, 'BF17'],
    ['bytes of another tensor', { w: tensor.w, v: { ...tensor.w, data_offsets: [6, 18] } }, 18, 'at byte 6'],
    ['a gap before it', { w: { ...tensor.w, data_offsets: [4, 16] } }, 16, 'at byte 4'],
  ])('refuses a tensor with %s', async (_, tensors, bytes, message) => {
    write(tensors, bytes);
    tokenizer();
    await expect(checkModelFolder(folder)).rejects.toMatchObject({
      code: 'MODEL_CORRUPT',
      message: expect.stringContaining(message),
    });
  });

  it('takes a scalar and an empty tensor', async () => {
    const scalar = { dtype: 'F32', shape: [], data_offsets: [0, 4] };
    write({ scalar, none: { dtype: 'F32', shape: [0, 8], data_offsets: [4, 4] } }, 4);
    tokenizer();
    expect(await checkModelFolder(folder)).toMatchObject({ parameters: 1 });
  });

  it('refuses quantized weights, by config or by tensor', async () => {
    write(tensor, 12, { quantization_config: {} });
    await expect(checkModelFolder(folder)).rejects.toMatchObject({ code: 'QUANTIZED_BASE' });
    write({ w: { ...tensor.w, dtype: 'I8', shape: [2, 6] } }, 12);
    await expect(checkModelFolder(folder)).rejects.toMatchObject({ code: 'QUANTIZED_BASE' });
  });

  it('refuses a header that is longer than the file, and a folder that does not exist', async () => {
    write(tensor, 12);
    writeFileSync(join(folder, 'model.safetensors'), Buffer.from('ffffffffffffff7f', 'hex'));
    await expect(checkModelFolder(folder)).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
    await expect(checkModelFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});

describe('checkModelFolder of a sharded model', () => {
  const [first, second] = Object.keys(SHARDS) as [string, string];

  it('takes the files that its index names, and no others', async () => {
    writeModel(folder, { 'consolidated.safetensors': zeros({ other: [4] }) });
    const { files, parameters } = await checkModelFolder(folder);
    expect(files).toEqual(expect.arrayContaining([first, second]));
    expect(files).not.toContain('consolidated.safetensors');
    expect(parameters).toBe(3088);
  });

  it.each([
    ['a missing shard', { [second]: null }, 'MODEL_NOT_FOUND', `lacks 1 of 2 weight files: ${second}`],
    [
      'swapped shards',
      { [first]: zeros(SHARDS[second]!), [second]: zeros(SHARDS[first]!) },
      'MODEL_CORRUPT',
      `puts model.embed_tokens.weight into ${first}; it is in ${second}`,
    ],
    [
      'a shard of another model',
      { [second]: zeros({ 'transformer.h.0.weight': [4] }) },
      'MODEL_CORRUPT',
      'it is in no file',
    ],
    [
      'only pickles',
      { [first]: null, [second]: null, 'model.safetensors.index.json': null, 'pytorch_model.bin': 'x' },
      'MODEL_PICKLE',
      'only as pickle (pytorch_model.bin)',
    ],
    [
      'a config of another architecture',
      { 'config.json': '{"architectures":["GPT2LMHeadModel"]}' },
      'ARCHITECTURE_UNKNOWN',
      'GPT2LMHeadModel',
    ],
  ])('refuses %s', async (_, files, code, message) => {
    writeModel(folder, files);
    await expect(checkModelFolder(folder)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/.{20}/),
    });
  });

  it.each([
    ['a BPE vocabulary', { model: { vocab: { a: 0, b: 64 } } }, 'b'],
    ['an added token', { model: { vocab: { a: 0 } }, added_tokens: [{ id: 64, content: '<|tool|>' }] }, '<|tool|>'],
    ['a list of pieces', { model: { vocab: Array.from({ length: 65 }, (_, id) => [`p${id}`, 0]) } }, 'p64'],
  ])('refuses a tokenizer whose ids the embedding has no row for: %s', async (_, tokenizerJson, token) => {
    writeModel(folder, { 'tokenizer.json': JSON.stringify(tokenizerJson) });
    await expect(checkModelFolder(folder)).rejects.toMatchObject({
      code: 'TOKENIZER_MISMATCH',
      message: expect.stringContaining(`the token "${token}" with the id 64; the embedding has 64 rows`),
    });
  });

  it('takes an added control token without a row, which no chat of a text model holds (Gemma 3)', async () => {
    const added = [{ id: 64, content: '<image_soft_token>', special: true }];
    writeModel(folder, { 'tokenizer.json': JSON.stringify({ model: { vocab: { a: 0 } }, added_tokens: added }) });
    expect((await checkModelFolder(folder)).parameters).toBe(3088);
  });

  it('takes an embedding with more rows than the tokenizer has ids', async () => {
    writeModel(folder, { 'tokenizer.json': JSON.stringify({ model: { vocab: { a: 0, b: 50 } } }) });
    expect((await checkModelFolder(folder)).parameters).toBe(3088);
  });
});

describe('refuseNotFinite', () => {
  const { signal } = new AbortController();
  const path = () => join(folder, 'w.safetensors');
  /** A tensor of six values of this type behind another; one value's last two bytes are these. */
  const write6 = (dtype: string, bytes: number, last: number | null, at = 3) => {
    const header = Buffer.from(
      JSON.stringify({
        a: { dtype, shape: [2], data_offsets: [0, 2 * bytes] },
        'layers.0.b': { dtype, shape: [2, 3], data_offsets: [2 * bytes, 8 * bytes] },
      }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const values = Buffer.alloc(8 * bytes);
    if (last !== null) values.writeUInt16LE(last, (2 + at) * bytes + bytes - 2);
    writeFileSync(path(), Buffer.concat([length, header, values]));
  };

  it.each([
    ['BF16', 2, 0x7fc0],
    ['BF16', 2, 0xff80],
    ['F16', 2, 0x7e00],
    ['F16', 2, 0xfc00],
    ['F32', 4, 0x7fc0],
    ['F32', 4, 0xff80],
    ['F64', 8, 0x7ff8],
    ['F64', 8, 0xfff0],
  ])('names tensor and place of a value of %s that is NaN or infinite', async (dtype, bytes, last) => {
    write6(dtype, bytes, last);
    await expect(refuseNotFinite(path(), signal)).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringContaining('value 3 of 6 in tensor layers.0.b is not a finite number'),
    });
    // The largest finite value.
    write6(dtype, bytes, { BF16: 0x7f7f, F16: 0x7bff, F32: 0x7f7f, F64: 0x7fef }[dtype]!);
    await refuseNotFinite(path(), signal);
  });

  it('stops a build of such a base', async () => {
    writeModel(folder, {
      'model-00002-of-00002.safetensors': zeros(SHARDS['model-00002-of-00002.safetensors']!, 0x7fc0),
    });
    await expect(runStage(base, { sources: { model: folder }, options: {} })).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringContaining('value 0 of 128 in tensor model.layers.0.self_attn.k_proj.weight'),
    });
  });
});

describe('base', () => {
  const template = (text = '{{ messages }}') => writeFileSync(join(folder, 'chat_template.jinja'), text);

  it('takes a chat template by name, and asks for one where there is none', async () => {
    write(tensor, 12);
    tokenizer('{"added_tokens":[{"content":"<|im_start|>","id":4},{"content":"<|im_end|>","id":5}]}');
    writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id":2,"do_sample":false}');
    const run = (options: object) => runStage(base, { sources: { model: folder }, options });
    await expect(run({})).rejects.toMatchObject({
      code: 'CHAT_TEMPLATE',
      hint: expect.stringContaining('chatml, llama-3, gemma, plain'),
    });
    const { artifact } = await run({ chatTemplate: 'chatml' });
    expect(readFileSync(join(artifact.folder, 'chat_template.jinja'), 'utf8')).toContain('<|im_start|>assistant');
    // A base ends texts; the template's own mark ends answers.
    const generation = readFileSync(join(artifact.folder, 'generation_config.json'), 'utf8');
    expect(JSON.parse(generation)).toEqual({ eos_token_id: [2, 5], do_sample: false });
    await expect(run({ chatTemplate: 'gemma' })).rejects.toThrow('<start_of_turn>, <end_of_turn>');
    template();
    await expect(run({ chatTemplate: 'chatml' })).rejects.toThrow('has a chat template of its own');
  });

  it('refuses a GGUF file and names the option that takes it', async () => {
    await expect(checkModelFolder('/models/a.gguf')).rejects.toMatchObject({
      code: 'QUANTIZED_BASE',
      hint: expect.stringContaining('base.from: dequantized'),
    });
  });

  it('takes the licence that the card names, and tells when the recipe says another', async () => {
    write(tensor, 12);
    tokenizer();
    template();
    const run = (licence?: string) => runStage(base, { sources: { model: folder }, options: { licence } });
    expect((await run()).facts).toMatchObject({ licence: 'unknown' });
    writeFileSync(join(folder, 'README.md'), '---\nlicense: llama3.2\n---\n# Model\n');
    expect(await run()).toMatchObject({ facts: { licence: 'llama3.2' }, warnings: [] });
    expect(await run('MIT')).toMatchObject({
      facts: { licence: 'MIT' },
      warnings: [expect.stringContaining('`base.licence` is MIT, and README.md of the model names llama3.2')],
    });
  });

  it('copies what belongs to the model, links as files, and leaves the rest behind', async () => {
    write(tensor, 12);
    tokenizer();
    template();
    writeFileSync(join(folder, 'pytorch_model.bin'), 'an old pickle');
    // The hub's cache is a folder of links into its blobs.
    const snapshot = join(folder, 'snapshot');
    mkdirSync(snapshot);
    for (const file of readdirSync(folder).filter((name) => name !== 'snapshot')) {
      symlinkSync(join('..', file), join(snapshot, file));
    }
    const { facts, artifact } = await runStage(base, { sources: { model: snapshot }, options: { licence: 'MIT' } });
    expect(facts).toEqual({ parameters: 6, architecture: 'LlamaForCausalLM', licence: 'MIT' });
    const copied = readdirSync(artifact.folder, { withFileTypes: true }).filter(({ name }) => name !== 'manifest.json');
    expect(copied.map((entry) => [entry.name, entry.isFile()])).toEqual([
      ['chat_template.jinja', true],
      ['config.json', true],
      ['model.safetensors', true],
      ['tokenizer.json', true],
    ]);
  });
});
