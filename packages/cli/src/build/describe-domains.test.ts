import { stripVTControlCharacters } from 'node:util';
import type { DomainResult } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { describeDomains } from './describe-domains.ts';

const result = (domain: string, route: string, right: number, change: DomainResult['change']): DomainResult => ({
  ...{ domain, route, questions: 200, right, startRight: 68, change },
});

describe('describeDomains', () => {
  it('says what each domain reaches, beside the base, with its route and a mark, modifiers first', () => {
    const text = stripVTControlCharacters(
      describeDomains('nano', [
        result('math', 'base', 68, 'unclear'),
        result('common_sense', 'base', 40, 'down'),
        result('coding', 'code', 124, 'up'),
      ]),
    );
    expect(
      text
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trim()),
    ).toEqual([
      expect.stringContaining('nano answers of held-out questions right'),
      'coding         62% (base 34%)  ▲  modifier code',
      'math           34% (base 34%)  =  no modifier',
      'common sense   20% (base 34%)  ▼  no modifier',
    ]);
    expect(text).toContain('▼ worse');
  });

  it('marks a fall that may be chance, and a rise', () => {
    const text = describeDomains('nano', [
      result('math', 'base', 66, 'unclear'),
      result('reading', 'base', 70, 'unclear'),
    ]);
    expect(stripVTControlCharacters(text)).toMatch(/math +33% \(base 34%\) {2}▽/);
    expect(stripVTControlCharacters(text)).toMatch(/reading +35% \(base 34%\) {2}△/);
  });
});
