import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testEngine } from '../../packages/factory/src/testing/test-engine.ts';
import { FAMILIES, makeFamily } from '../architectures/make-family.ts';
import {
  type Effort,
  type Measured,
  measureArchitecture,
  type Subject,
} from '../architectures/measure-architecture.ts';
import { parityTable } from '../architectures/parity-table.ts';
import { readRealModel } from '../architectures/read-real-model.ts';

/** Goal of the project: share of positions at which the exported file and PyTorch agree, on at least so many tokens. */
const LEAST_AGREEMENT = 0.995;
const LEAST_TOKENS = 10_000;

// So many prompts that there are enough tokens: 55 a prompt on SmolLM2 (measured), fewer on Gemma, whose template has no system message.
// Their logits are kept part by part: 0.5 GB for a part of Gemma's 262,144 tokens.
const REAL = {
  'SmolLM2 135M': { name: 'smollm2', template: null, preTokenizer: null, promptsAtOnce: 40, prompts: 200 },
  'Gemma 3 270M': { name: 'gemma3', template: 'gemma', preTokenizer: null, promptsAtOnce: 8, prompts: 320 },
} as const;

describe('architectures', () => {
  const engine = testEngine();
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-architectures-'));
  const measured = new Map<string, Measured>();
  afterAll(() => {
    console.log(`\n${parityTable(measured)}`);
    rmSync(folder, { recursive: true, force: true });
  });

  const measure = async (name: string, subject: Subject, effort: Effort) => {
    const found = await measureArchitecture(engine, subject, effort);
    measured.set(name, found);
    // As it is found: the whole takes long.
    console.log(
      parityTable(new Map([[name, found]]))
        .split('\n')
        .at(-1),
    );
    rmSync(join(folder, name), { recursive: true, force: true });
    expect(found.positions).toBeGreaterThanOrEqual(LEAST_TOKENS);
    expect(found.agreeing / found.positions).toBeGreaterThanOrEqual(LEAST_AGREEMENT);
    expect(found.sameTokens).toBe(found.prompts);
    expect(found.samePrompts).toBe(found.prompts);
    expect(found.systemKept).toBe(found.systemGiven);
    expect(found.unknownEnds).toEqual([]);
    expect(found.mergeError).toBeLessThan(1e-4);
    expect(found.adapterChanges).toBeGreaterThan(0);
    return found;
  };

  it.each(FAMILIES)('%s', { timeout: 1_200_000 }, async (name) => {
    const subject = await makeFamily(name, join(folder, name));
    const found = await measure(name, subject, { prompts: 440, greedyTokens: 4, steps: 12 });
    expect(found.mergedAgreement).toBeGreaterThan(0.97);
    expect(found.quantizedStops).toBeGreaterThan(4);
  });

  it.each(Object.entries(REAL))('%s', { timeout: 3_600_000 }, async (name, { prompts, promptsAtOnce, ...source }) => {
    const subject = await readRealModel(engine, source, join(folder, name));
    await measure(name, subject, { prompts, promptsAtOnce, greedyTokens: 2, steps: 2 });
  });
});
