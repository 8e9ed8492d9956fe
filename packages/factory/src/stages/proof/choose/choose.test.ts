import { readFileSync, statSync } from 'node:fs';
import type { Gate } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { runStage, type TestInput } from '../../../testing/stage-context.ts';
import { judgeCandidate } from './judge-candidate.ts';
import { choose } from './stage.ts';

const gate = (name: string, verdict: Gate['verdict']): Gate => ({
  ...{ name, criterion: 'It holds', bound: 'at-least', threshold: 0.97, measured: 0.91, interval: null },
  ...{ unit: '', evidence: 'all of it', verdict, guard: false, advice: '' },
});

describe('judgeCandidate', () => {
  const judge = (verdict: Gate['verdict'], accepted: readonly string[] = []) =>
    judgeCandidate(new Map([['evaluate.small', { gates: [gate('against-all', verdict)] }]]), accepted);

  it('takes a candidate whose gates all pass, and names each gate that does not', () => {
    expect(judge('pass')).toEqual([]);
    expect(judge('fail')).toEqual(['evaluate.small/against-all is fail: 0.91, expected at least 0.97']);
    expect(judge('inconclusive')).toHaveLength(1);
  });

  it('takes a failed gate that is overridden by its name or by the star, and no other', () => {
    expect(judge('fail', ['evaluate.small/against-all'])).toEqual([]);
    expect(judge('fail', ['*'])).toEqual([]);
    expect(judge('fail', ['evaluate.small/against-math'])).toHaveLength(1);
  });

  it('takes a guard that cannot tell for no loss, and a goal over nothing for no proof', () => {
    const guarded = (verdict: Gate['verdict']) =>
      judgeCandidate(new Map([['evaluate.small', { gates: [{ ...gate('no-fall-math', verdict), guard: true }] }]]), []);
    expect([guarded('inconclusive'), guarded('skipped'), guarded('pass')]).toEqual([[], [], []]);
    expect(guarded('fail')).toHaveLength(1);
    expect(judge('skipped')).toEqual(['evaluate.small/against-all is skipped: there was nothing to measure']);
  });

  it('takes no candidate whose proof did not run, whatever is overridden', () => {
    expect(judgeCandidate(new Map([['evaluate.small', null]]), ['*'])).toEqual(['evaluate.small did not run']);
  });
});

describe('choose', () => {
  const fallback: TestInput = { files: { 'model.safetensors': 'large' }, facts: { parameters: 10 } };
  const candidate: TestInput = {
    files: { 'model.safetensors': 'small', 'sub/config.json': '{}' },
    facts: { parameters: 5 },
  };
  const run = (inputs: Record<string, TestInput>) =>
    runStage(choose('model'), {
      options: { evidence: ['evaluate.small'], accepted: [] },
      inputs: { fallback, ...inputs },
    });
  const evidence = (verdict: Gate['verdict']) => ({
    'evidence.evaluate.small': { kind: 'answers' as const, gates: [gate('against-all', verdict)] },
  });

  it('hands on the files and facts of a proven candidate, without a second copy of them', async () => {
    const { path, facts } = await run({ candidate, ...evidence('pass') });
    expect(readFileSync(path('model.safetensors'), 'utf8')).toBe('small');
    expect(readFileSync(path('sub/config.json'), 'utf8')).toBe('{}');
    expect(facts).toEqual({ parameters: 5, chosen: 'candidate', against: [] });
    expect(statSync(path('model.safetensors')).nlink).toBe(2);
  });

  it('hands on the fallback, with the reason, when a gate fails, or the candidate was never made', async () => {
    const failed = await run({ candidate, ...evidence('fail') });
    expect(readFileSync(failed.path('model.safetensors'), 'utf8')).toBe('large');
    expect(failed.facts).toMatchObject({ parameters: 10, chosen: 'fallback' });
    expect(String(failed.facts.against)).toContain('evaluate.small/against-all is fail');

    const missing = await run({});
    expect(missing.facts).toMatchObject({ chosen: 'fallback', against: ['evaluate.small did not run'] });
  });
});
