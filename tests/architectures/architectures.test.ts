import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testEngine } from '../../packages/factory/src/testing/test-engine.ts';
import { makeFamily } from './make-family.ts';
import { measureArchitecture } from './measure-architecture.ts';

// Two that have little in common: byte-level tokens, a tied head and a system role; SentencePiece, windows, soft-capping, norms
// with 1 + weight, scaled embeddings, two end tokens and no system role. `npm run exam -- architectures` has all.
const FAMILIES = ['qwen3', 'gemma-2'];

describe('architectures', () => {
  const engine = testEngine();
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-architectures-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(FAMILIES)('%s comes through export, adapter, merge and quantization as it is in PyTorch', async (name) => {
    const subject = await makeFamily(name, join(folder, name));
    const measured = await measureArchitecture(engine, subject, { prompts: 24, greedyTokens: 16, steps: 8 });
    expect(measured).toMatchObject({
      sameTokens: 24,
      samePrompts: 24,
      systemKept: 6,
      systemGiven: 6,
      unknownEnds: [],
    });
    expect(measured.agreeing / measured.positions).toBeGreaterThan(0.99);
    expect(measured.sameText).toBeGreaterThanOrEqual(22);
    expect(measured.mergeError).toBeLessThan(1e-4);
    expect(measured.adapterChanges).toBeGreaterThan(0.01);
    expect(measured.mergedAgreement).toBeGreaterThan(0.97);
    expect(measured.quantizedAgreement.Q8_0).toBeGreaterThan(0.97);
    expect(measured.quantizedAgreement.Q4_K_M).toBeGreaterThan(0.7);
    expect(measured.quantizedStops).toBeGreaterThan(4);
  });
});
