import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

describe('nearest', () => {
  const verbs = ['build', 'plan', 'serve', 'verify', 'chat', 'doctor'];

  it('finds a word with an extra, missing, changed or swapped letter', () => {
    expect(nearest('servee', verbs)).toBe('serve');
    expect(nearest('buld', verbs)).toBe('build');
    expect(nearest('verifi', verbs)).toBe('verify');
    expect(nearest('paln', verbs)).toBe('plan');
    expect(nearest('Doctro', verbs)).toBe('doctor');
  });

  it('returns null for a word that is far from all candidates', () => {
    expect(nearest('quantize', verbs)).toBeNull();
    expect(nearest('x', verbs)).toBeNull();
    expect(nearest('zz', ['to'])).toBeNull();
    expect(nearest('anything', [])).toBeNull();
  });
});
