import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { judgesSection } from './judges-section.ts';
import { readRun } from './read-run.ts';
import { wholeRun } from './testing/whole-run.ts';

const [found] = wholeRun('support').judges;

describe('judgesSection', () => {
  it('says how far each judge agrees with people, and shows every requirement beside its threshold', () => {
    const { text } = judgesSection([found!]);
    expect(text).toContain(
      'takes an answer for good from a score of 7 on, and says what most people say on 85.0% of 60 items',
    );
    expect(text).toContain('undecided');
    expect(text).toContain('the labels are too few to tell');
    expect(text.match(/<tr><td>/g)).toHaveLength(found!.passport.requirements.length);
    expect(text).toContain('0.98');
    expect(text).toContain('≥ 0.9');
  });

  it('tells verdicts that may block a gate from advice', () => {
    const standing = (verdict: 'valid' | 'refused') =>
      judgesSection([{ ...found!, passport: { ...found!.passport, verdict } }]).text;
    expect(standing('valid')).toContain('its verdicts may block a gate.');
    expect(standing('refused')).toContain('its verdicts are advice.');
  });

  it('says of judges of pairs what they do, and of a requirement without items that nothing was measured', () => {
    const [first] = found!.passport.requirements;
    const passport = { ...found!.passport, form: 'pairs' as const, requirements: [{ ...first!, items: 0 }] };
    const { text } = judgesSection([{ ...found!, passport }]);
    expect(text).toContain('says which of two answers is better');
    expect(text).toContain('nothing to measure');
  });

  it('is made of the passports of a run, and names one that cannot be read', async () => {
    const store = mkdtempSync(join(tmpdir(), 'cogumi-judges-'));
    onTestFinished(() => rmSync(store, { recursive: true }));
    const [good, bad] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];
    for (const [key, text] of [
      [good, JSON.stringify(found!.passport)],
      [bad, '{}'],
    ] as const) {
      const folder = join(store, 'artifacts', key);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'passport.json'), text);
      const files = [{ path: 'passport.json', bytes: text.length, sha256: '0'.repeat(64) }];
      const manifest = { schema: 1, key, kind: 'passport', stage: 'passport', stageVersion: 1, files };
      const rest = { options: {}, inputs: {}, engine: null, gates: [], facts: {} };
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, ...rest }));
    }
    const began = (stage: string, key: string) => `${JSON.stringify({ event: 'stage-start', at: 1, stage, key })}\n`;
    mkdirSync(join(store, 'runs/first'), { recursive: true });
    writeFileSync(join(store, 'runs/first/events.jsonl'), began('support.passport', good) + began('other', bad));
    const { judges, unread } = await readRun(store, 'first');
    expect(judges).toEqual([{ stage: 'support.passport', passport: found!.passport }]);
    expect(unread).toEqual([expect.stringContaining('other/passport.json')]);
  });

  it('says nothing of a build without judges, and escapes what it names', () => {
    expect(judgesSection([]).text).toBe('');
    expect(judgesSection(wholeRun('<script>').judges).text).not.toContain('<script>');
  });
});
