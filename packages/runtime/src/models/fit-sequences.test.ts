import { describe, expect, it } from 'vitest';
import { fitSequences, totalBytes } from './fit-sequences.ts';

const MIB = 2 ** 20;
/** 100 MiB of weights and 10 for each sequence and a spare one. */
const needOf = async (sequences: number) => ({
  weights: 100 * MIB,
  adapters: 0,
  adapterSizes: { all: 0, largest: 0, copies: 1 },
  cache: 10 * MIB * (sequences + 1),
  compute: 5 * MIB,
});
const free = (mebibytes: number) => ({ bytes: mebibytes * MIB, bound: 'machine' as const });

describe('fitSequences', () => {
  it('takes the default number where it fits, and fewer where only those do', async () => {
    expect(await fitSequences({}, needOf, free(155))).toMatchObject({ sequences: 4 });
    const fewer = await fitSequences({}, needOf, free(139));
    expect(fewer.sequences).toBe(2);
    expect(totalBytes(fewer.need)).toBe(135 * MIB);
  });

  it('takes the wanted number or none', async () => {
    expect(await fitSequences({ sequences: 8 }, needOf, free(195))).toMatchObject({ sequences: 8 });
    await expect(fitSequences({ sequences: 8 }, needOf, free(194))).rejects.toMatchObject({
      code: 'MEMORY_TOO_SMALL',
      neededBytes: 195 * MIB,
      freeBytes: 194 * MIB,
    });
  });

  it('says what takes the memory and what bounds it where not even one sequence fits', async () => {
    const limited = { bytes: 124 * MIB, bound: 'cgroup' as const };
    await expect(fitSequences({}, needOf, limited)).rejects.toThrow(
      'The model needs 125 MiB (weights 100 MiB, KV cache of 1 sequence 20 MiB, buffers 5 MiB); 124 MiB are free within the memory limit',
    );
  });

  describe('with adapters', () => {
    /** Three of 10 MiB, which mixed passes stack. */
    const withAdapters = async (sequences: number) => ({
      ...(await needOf(sequences)),
      adapters: 60 * MIB,
      adapterSizes: { all: 30 * MIB, largest: 10 * MIB, copies: 2 },
    });

    it('keeps all of them where they fit, and as many bytes as are left where they do not', async () => {
      expect(await fitSequences({}, withAdapters, free(215))).toMatchObject({
        adapterMemory: 30 * MIB,
        need: { adapters: 60 * MIB },
      });
      const some = await fitSequences({}, withAdapters, free(195));
      expect(some).toMatchObject({ sequences: 4, adapterMemory: 20 * MIB, need: { adapters: 40 * MIB } });
      // The largest has to fit before there is a further sequence.
      expect(await fitSequences({}, withAdapters, free(165))).toMatchObject({ sequences: 3, adapterMemory: 10 * MIB });
    });

    it('counts the bound that is wanted', async () => {
      const wanted = { adapterMemory: 10 * MIB };
      expect(await fitSequences(wanted, withAdapters, free(175))).toMatchObject({ ...wanted, sequences: 4 });
      await expect(fitSequences({ sequences: 4, ...wanted }, withAdapters, free(174))).rejects.toMatchObject({
        neededBytes: 175 * MIB,
      });
      // A bound above all adapters takes no more than they do.
      const large = await fitSequences({ adapterMemory: 99 * MIB }, withAdapters, free(215));
      expect(totalBytes(large.need)).toBe(215 * MIB);
    });
  });
});
