import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEDIA } from '@cogumi/contracts';
import { readBundle } from '@cogumi/runtime/bundle';
import { sampleBundle, tarOf } from '@cogumi/runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { routerCounts } from './router-counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-counts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A bundle whose router learned from so many prompts of each domain; its modifier `code` is of the domain `coding`. */
async function bundleOf(domains: Readonly<Record<string, number>> | null) {
  const prompts = Object.entries(domains ?? {}).flatMap(([domain, count]) =>
    Array.from({ length: count }, (_, at) =>
      JSON.stringify({ domain: domain === 'none' ? null : domain, turns: [{ role: 'user', content: `${at}?` }] }),
    ),
  );
  const layer = { mediaType: MEDIA.prompts, bytes: Buffer.from(prompts.map((line) => `${line}\n`).join('')) };
  const path = join(folder, 'sample.cogumi');
  const extra = domains === null ? [] : [layer];
  writeFileSync(path, tarOf(sampleBundle({ adapters: { code: Buffer.from('an adapter') }, extra })));
  return readBundle(path, new AbortController().signal);
}

describe('routerCounts', () => {
  it('is what the largest route of a modifier learned from, since the base learns from more', async () => {
    const ofCode = await bundleOf({ coding: 100, math: 30, reading: 40 });
    expect(ofCode.config.modifiers).toMatchObject([{ domain: 'coding' }]);
    expect(await routerCounts(ofCode)).toEqual({ promptsPerRoute: 100, heldOutPerDomain: 67 });
    expect(await routerCounts(await bundleOf({ coding: 50, math: 30, none: 60 }))).toMatchObject({
      promptsPerRoute: 50,
      heldOutPerDomain: 60,
    });
    expect(await routerCounts(await bundleOf({ math: 30, none: 60 }))).toMatchObject({ promptsPerRoute: 90 });
  });

  it('is none for a bundle without prompts', async () => {
    expect(await routerCounts(await bundleOf(null))).toBeNull();
    expect(await routerCounts(await bundleOf({}))).toBeNull();
  });
});
