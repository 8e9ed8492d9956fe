import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/random.ts';
import { codingFamilies } from '../teachers/procedural/coding/families.ts';
import { reachesOut } from './reaches-out.ts';

describe('reachesOut', () => {
  it.each([
    'import os',
    'x.__class__',
    'getattr(x, "a")',
    'eval("1")',
    '(1 for _ in []).gi_frame',
    'e.tb_frame',
    'x._\uff3f_class__',
    '\u{1d41e}xec("1")',
  ])('is wary of %s', (code) => {
    expect(reachesOut(code)).toBe(true);
  });

  it('trusts what the generators teach', () => {
    const random = createRandom('answers');
    const answers = codingFamilies.flatMap((family) =>
      Array.from({ length: 20 }, () => family.draw(random, family.difficulties[0]!, 'write').answer),
    );
    expect(answers.filter(reachesOut)).toEqual([]);
  });
});
