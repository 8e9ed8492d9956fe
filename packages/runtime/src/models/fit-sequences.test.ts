import { describe, expect, it } from 'vitest';
import { fitSequences, totalBytes } from './fit-sequences.ts';

const MIB = 2 ** 20;
/** 100 MiB of weights and 10 for each sequence and a spare one. */
const needOf = async (sequences: number) => ({
  weights: 100 * MIB,
  adapters: 0,
  cache: 10 * MIB * (sequences + 1),
  compute: 5 * MIB,
});
const free = (mebibytes: number) => ({ bytes: mebibytes * MIB, bound: 'machine' as const });

describe('fitSequences', () => {
  it('takes the default number where it fits, and fewer where only those do', async () => {
    expect(await fitSequences(undefined, needOf, free(155))).toMatchObject({ sequences: 4 });
    const fewer = await fitSequences(undefined, needOf, free(139));
    expect(fewer.sequences).toBe(2);
    expect(totalBytes(fewer.need)).toBe(135 * MIB);
  });

  it('takes the wanted number or none', async () => {
    expect(await fitSequences(8, needOf, free(195))).toMatchObject({ sequences: 8 });
    await expect(fitSequences(8, needOf, free(194))).rejects.toMatchObject({
      code: 'MEMORY_TOO_SMALL',
      neededBytes: 195 * MIB,
      freeBytes: 194 * MIB,
    });
  });

  it('says what takes the memory and what bounds it where not even one sequence fits', async () => {
    const limited = { bytes: 124 * MIB, bound: 'cgroup' as const };
    await expect(fitSequences(undefined, needOf, limited)).rejects.toThrow(
      'The model needs 125 MiB (weights 100 MiB, KV cache of 1 sequence 20 MiB, buffers 5 MiB); 124 MiB are free within the memory limit',
    );
  });
});
