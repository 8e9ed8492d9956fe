import { describe, expect, it } from 'vitest';
import { groupsSection } from './groups-section.ts';
import { wholeRun } from './testing/whole-run.ts';

const found = wholeRun('alarm').failures!;

describe('groupsSection', () => {
  it('shows each group with its words, where it comes from and examples, and every failure on the map', () => {
    const { text } = groupsSection(found);
    expect(text).toContain('64 of 200 held-out questions failed (60 wrong, 4 cut). 60 of them (wrong) make 2 groups.');
    expect(text).toContain('Silhouette 0.31 (1: groups far apart');
    expect(text.match(/<circle/g)).toHaveLength(60);
    expect(text).toContain('coding easy: 30 here, 64.0% of 100 fail');
    expect(text).toContain('alarm is not defined');
    expect(text).not.toContain('NaN');
  });

  it('shows nothing for a build that looked for none, and says so where there is nothing to group', () => {
    expect(groupsSection(null).text).toBe('');
    const summary = { ...found.summary, failed: 4, kinds: { cut: 4 }, clusters: [], silhouette: null };
    const { text } = groupsSection({ ...found, summary, failures: [] });
    expect(text).toContain('4 of 200 held-out questions failed (4 cut). None of them is wrong');
    expect(text).not.toContain('<svg');
  });

  it('draws no more points than a page can take, and says how many', () => {
    const many = Array.from({ length: 5000 }, (_, at) => ({
      ...found.failures[0]!,
      point: [at, 1] as [number, number],
    }));
    const { text } = groupsSection({ ...found, failures: many });
    expect(text.match(/<circle/g)).toHaveLength(1667);
    expect(text).toContain('1,667 of 5,000 failures are drawn');
  });

  it('escapes what models and users wrote', () => {
    const evil = wholeRun('<script>').failures!;
    expect(groupsSection(evil).text).not.toContain('<script>');
  });
});
