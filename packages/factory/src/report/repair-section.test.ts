import { describe, expect, it } from 'vitest';
import { repairSection } from './repair-section.ts';
import { wholeRun } from './testing/whole-run.ts';

const [round] = wholeRun('alarm').repairs;

describe('repairSection', () => {
  it('shows each group before and after, with answers of both and what was kept', () => {
    const { text } = repairSection([round!]);
    expect(text).toContain('of 150 new questions 30 were right before and 90 after');
    expect(text).toContain('The model before is kept: alarm.retest/weak-improved is inconclusive.');
    expect(text).toContain('+40.0 points');
    expect(text).toContain('and 1 more');
    expect(text.match(/<details>/g)).toHaveLength(3);
    expect(text).toContain('Of the change 0.7 was merged');
    expect(text).toContain('90 − 10 + 2 falls');
    const whole = { ...round!, strength: { ...round!.strength!, strength: 1 } };
    expect(repairSection([whole]).text).toContain('The whole change was merged');
    expect(text).toMatch(/90 − 7 \+ 2</);
    expect(repairSection([{ ...round!, against: [] }]).text).toContain('The repaired model is kept.');
  });

  it('says nothing of a build without repair, and escapes what models wrote', () => {
    expect(repairSection([]).text).toBe('');
    expect(repairSection(wholeRun('<script>').repairs).text).not.toContain('<script>');
  });
});
