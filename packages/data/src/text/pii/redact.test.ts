import { timeGrowth } from '@cogumi/pure/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPii } from './find-pii.ts';
import { redact } from './redact.ts';

/** One of each kind, and what may stand beside it; the key is put together here, so that no scanner takes it for a contamination. */
const PIECES = [
  'jane@firm.de',
  '604-457-4895',
  '+44 20 7946 1234',
  '4539 1488 0343 6467',
  '4539148803436467',
  'NL91 ABNA 0417 1643 00',
  'BE68 5390 0754 7034',
  '536-22-8726',
  '84.200.69.80',
  '2a02:8109:9a80:44::1f3c',
  ['sk', '-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'].join(''),
  'token=Ab1+Cd2/Ef3+Gh4/Ij5+Kl6',
];
const BETWEEN = ['', ' ', '-', '.', ',', '+', ':', '=', '/', '_', '@', '(', ')', '\n', '1', '23', '2024', 'a', 'key='];

describe('redact', () => {
  it('replaces each find by its kind', () => {
    const { text, redactions } = redact('Ask jane@firm.de or 604-457-4895 (84.200.69.80).');
    expect(text).toBe('Ask [EMAIL] or [PHONE] ([IP]).');
    const context = 'Ask [EMAIL] or [PHONE] ([IP]).';
    expect(redactions).toEqual([
      { kind: 'email', form: 'xxxx@xxxx.xx', context },
      { kind: 'phone', form: '000-000-0000', context },
      { kind: 'ip', form: '00.000.00.00', context },
    ]);
    expect(findPii(text)).toEqual([]);
  });

  it('leaves other texts unchanged', () => {
    expect(redact('2 + 2 = 4')).toEqual({ text: '2 + 2 = 4', redactions: [] });
  });

  it('finds a match that only another redaction exposes', () => {
    expect(redact('+44 20 7946 1234 536-22-8726').text).toBe('[PHONE] [SSN]');
    // After a number the sign adds, until the number is known for a card.
    const { text, redactions } = redact('4539 1488 0343 6467 +44 20 7946 1234');
    expect(text).toBe('[CARD] [PHONE]');
    expect(redactions.map(({ kind, context }) => [kind, context])).toEqual([
      ['card', ''],
      ['phone', ''],
    ]);
  });

  it('describes a place by its form and the text around it, and never shows a value', () => {
    const long = 'x'.repeat(100);
    const { redactions } = redact(`${long} call +44 20 7946 1234 or mail jane@firm.de, ${long}`);
    expect(redactions[0]).toEqual({
      kind: 'phone',
      form: '+00 00 0000 0000',
      context: `${'x'.repeat(24)} call [PHONE] or mail [EMAIL], ${'x'.repeat(12)}`,
    });
    for (const piece of PIECES) {
      for (const { form, context } of redact(`A: ${piece}.`).redactions) {
        expect(form).not.toMatch(/[1-9]|[a-wyzA-Z]/);
        expect(context).not.toContain(piece);
      }
    }
  });

  it('leaves nothing to redact in any mixture of kinds', () => {
    const piece = fc.oneof(fc.constantFrom(...PIECES), fc.constantFrom(...BETWEEN));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { text } = redact(`Dear reader; ${pieces.join('')}`);
        expect(text).toMatch(/^Dear reader; /);
        expect(findPii(text)).toEqual([]);
        expect(redact(text)).toEqual({ text, redactions: [] });
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  it('takes linear time if each redaction exposes another match, and leaves nothing', () => {
    // Longer than a local part may be: the end of one address belongs to the next until that is gone.
    const chain = (length: number) => `${'x'.repeat(64)}@firm.de`.repeat(length / 72);
    expect(timeGrowth((length) => redact(chain(length)), 50_000, 400_000)).toBeLessThan(8 * 4);
    expect(findPii(redact(chain(50_000)).text)).toEqual([]);
  });
});
