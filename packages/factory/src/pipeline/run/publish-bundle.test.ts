import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../artifacts/store.ts';
import { publishBundle } from './publish-bundle.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cogumi-publish-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function bundle(text: string, number: number) {
  const store = await openStore(root);
  const key = String(number).repeat(64);
  writeFileSync(join(await store.begin(key, false), 'bundle.cogumi'), text);
  return store.finish({
    ...{ key, kind: 'bundle', stage: 'bundle', stageVersion: 1, options: {}, inputs: {}, engine: null, gates: [] },
    facts: { digest: `sha256:${number}`, modifiers: ['code'] },
  });
}

describe('publishBundle', () => {
  it('copies the file under its name, with its facts beside it, and leaves no temporary file', async () => {
    const artifact = await bundle('first', 1);
    const published = await publishBundle('mine', artifact, root);
    expect(published).toEqual({ bundle: join(root, 'bundles/mine.cogumi'), digest: 'sha256:1' });
    expect(readdirSync(join(root, 'bundles')).sort()).toEqual(['mine.cogumi', 'mine.json']);
    expect(JSON.parse(readFileSync(join(root, 'bundles/mine.json'), 'utf8'))).toEqual(artifact.manifest.facts);
  });

  it('replaces an older bundle, and a change to the copy never reaches the artifact', async () => {
    await publishBundle('mine', await bundle('first', 1), root);
    const artifact = await bundle('second', 2);
    const { bundle: path } = await publishBundle('mine', artifact, root);
    expect(readFileSync(path as string, 'utf8')).toBe('second');
    writeFileSync(path as string, 'spoilt');
    expect(readFileSync(join(artifact.folder, 'bundle.cogumi'), 'utf8')).toBe('second');
  });

  it('has nothing to publish when the build made no bundle', async () => {
    expect(await publishBundle('mine', undefined, root)).toEqual({ bundle: null, digest: null });
    expect(readdirSync(root)).toEqual([]);
  });
});
