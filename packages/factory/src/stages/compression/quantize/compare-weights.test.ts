import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantize as quantizeGguf } from '@cogumi/llama';
import { stories260k } from '@cogumi/llama/testing';
import { createRandom } from '@cogumi/pure';
import { afterAll, describe, expect, it } from 'vitest';
import { compareWeights } from './compare-weights.ts';
import { QuantizeOptions } from './options.ts';

type Change = NonNullable<NonNullable<Parameters<typeof stories260k>[0]>['change']>;

const folder = mkdtempSync(join(tmpdir(), 'cogumi-weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const types = QuantizeOptions.shape.type.unwrap().options;
const WIDER: Readonly<Record<number, number>> = { 64: 256, 172: 256, 32: 128 };

/** Normal weights; a few are far out, as in a real model. */
const random = createRandom(1);
const NORMAL = Float32Array.from({ length: 2 ** 18 }, (_, at) => {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return normal * (at % 997 === 0 ? 0.3 : 0.02);
});

/** Rows of 256 values, which k-quants need. */
const wide: Change = (tensor) => {
  const shape = tensor.shape.map((size) => WIDER[size] ?? size);
  return {
    ...tensor,
    shape,
    values: NORMAL.slice(
      0,
      shape.reduce((product, size) => product * size, 1),
    ),
  };
};
const metadata = {
  'llama.embedding_length': { u32: 256 },
  'llama.feed_forward_length': { u32: 256 },
  'llama.rope.dimension_count': { u32: 32 },
};

/** What is left of the source after it was spoiled, quantized and read back. */
async function check(type: (typeof types)[number], size: 'narrow' | 'wide', spoil: Change = (tensor) => tensor) {
  const make = (change: Change) =>
    size === 'wide' ? stories260k({ metadata, change: (tensor) => change(wide(tensor)) }) : stories260k({ change });
  const path = (name: string) => join(folder, `${name}.gguf`);
  writeFileSync(
    path('source'),
    make((tensor) => tensor),
  );
  writeFileSync(path('spoiled'), make(spoil));
  await quantizeGguf({ input: path('spoiled'), output: path('written'), type, threads: 1 });
  await quantizeGguf({ input: path('written'), output: path('restored'), type: 'F16', threads: 1, again: true });
  const { worst } = await compareWeights(path('source'), path('written'), path('restored'));
  return worst;
}

const only =
  (name: string, change: (values: Float32Array, row: number) => Float32Array): Change =>
  (tensor) =>
    tensor.name === name ? { ...tensor, values: change(tensor.values, tensor.shape[0] as number) } : tensor;

/** All types on rows that k-quants take, and two that fall back to other types on narrower ones. */
const CASES = [...types.map((type) => [type, 'wide'] as const), ['Q5_K_M', 'narrow'], ['Q4_K_M', 'narrow']] as const;

describe('compareWeights', () => {
  it.each(CASES)('finds nothing but rounding in %s of %s rows', async (type, size) => {
    const { share } = await check(type, size);
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(1);
  });

  it.each(CASES)('finds a tensor that is a twentieth too large in %s of %s rows, and names it', async (type, size) => {
    const larger = only('blk.2.ffn_up.weight', (values) => values.map((value) => value * 1.05));
    const { share, where } = await check(type, size, larger);
    expect(share).toBeGreaterThan(1.5);
    expect(where).toContain('of blk.2.ffn_up.weight');
  });

  it.each(['Q4_0', 'Q8_0'] as const)('finds two rows that changed places in %s', async (type) => {
    const swap = (values: Float32Array, row: number) =>
      values.map((value, at) => values[at < row ? at + row : at - row * Number(at < 2 * row)] ?? value);
    const { share, where } = await check(type, 'narrow', only('blk.1.attn_q.weight', swap));
    expect(share).toBeGreaterThan(10);
    expect(where).toMatch(/^row [01] of blk\.1\.attn_q\.weight$/);
  });

  it('finds a norm that is not the same', async () => {
    const moved = await check(
      'Q8_0',
      'narrow',
      only('output_norm.weight', (values) => values.map((value) => value * 1.001)),
    );
    expect(moved.share).toBeGreaterThan(1e4);
    expect(moved.where).toBe('row 0 of output_norm.weight');
  });
});
