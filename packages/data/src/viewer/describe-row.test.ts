import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeRow } from './describe-row.ts';
import { type Chain, createChain } from './testing/create-chain.ts';
import { numberedRows } from './testing/serve-chain.ts';

/** Runs between finding the files and reading them. */
let meanwhile: () => void = () => {};
vi.mock('./open-sets.ts', async (load) => {
  const { openSets } = await load<typeof import('./open-sets.ts')>();
  return { openSets: (places: Parameters<typeof openSets>[0]) => openSets(places).finally(() => meanwhile()) };
});

describe('describeRow', () => {
  let chain: Chain;
  beforeEach(() => {
    meanwhile = () => {};
    chain = createChain();
    chain.put('import', { 'rows.jsonl': numberedRows(3), 'rejected.jsonl': [{ reason: 'no answer' }] });
  });
  afterEach(() => chain.remove());
  const describeIn = (id: string, signal = new AbortController().signal) => describeRow(chain.sets, id, signal);

  it('says that no row has an id if every file was read to its end', async () => {
    await expect(describeIn('r3')).rejects.toMatchObject({ code: 'ROW_UNKNOWN' });
  });

  it.each(['r3', 'r1'])(
    'says that a file could not be read, rather than what is known of %s without it',
    async (id) => {
      meanwhile = () => rmSync(join(chain.folder, 'import/rejected.jsonl'));
      const message = expect.stringMatching(/^import\/rejected\.jsonl could not be read: ENOENT/);
      await expect(describeIn(id)).rejects.toMatchObject({ code: 'LOOK_FAILED', message });
    },
  );

  it('stops when aborted', async () => {
    const stop = new AbortController();
    meanwhile = () => stop.abort();
    await expect(describeIn('r1', stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
