import { describe, expect, it } from 'vitest';
import { slowness } from '../testing/slowness.ts';
import { processorMs } from '../testing/time-growth.ts';
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

  it('finds the shortest word that begins with what was typed', () => {
    expect(nearest('temp', ['help', 'temperature', 'temperatures'])).toBe('temperature');
    expect(nearest('VER', verbs)).toBe('verify');
    expect(nearest('ch', ['chat'])).toBe('chat');
  });

  it('returns null for a word that is far from all candidates', () => {
    expect(nearest('quantize', verbs)).toBeNull();
    expect(nearest('x', verbs)).toBeNull();
    expect(nearest('zz', ['to'])).toBeNull();
    expect(nearest('anything', [])).toBeNull();
  });

  it('does bounded work for words and candidates of any length and number', () => {
    const long = 'temperature'.repeat(100_000);
    const taken = processorMs(() => {
      expect(nearest(long, verbs)).toBeNull();
      expect(nearest(long, [long.slice(1), `${long}s`])).toBeNull();
      expect(nearest('serv', [...verbs, long])).toBe('serve');
      expect(nearest('verfy', Array(1_000_000).fill('quantize'))).toBeNull();
    });
    // 2 ms on an idle machine; the edits of two such words would take hours.
    expect(taken / slowness()).toBeLessThan(200);
  });
});
