import { describe, expect, it } from 'vitest';
import { Acceptance } from './acceptance.ts';

describe('Acceptance', () => {
  it('follows the share that is accepted, in both directions', () => {
    const acceptance = new Acceptance();
    expect(acceptance).toMatchObject({ rate: 0.95, known: false });
    for (let pass = 0; pass < 10; pass++) acceptance.observe(5, 5);
    expect(acceptance.rate).toBeGreaterThan(0.95);
    for (let pass = 0; pass < 30; pass++) acceptance.observe(5, 0);
    expect(acceptance.rate).toBeLessThan(0.2);
    expect(acceptance.known).toBe(true);
  });

  it('takes a refused token for one that was tried, and those after it for none', () => {
    const [short, long] = [new Acceptance(), new Acceptance()];
    short.observe(1, 0);
    long.observe(15, 0);
    expect(long.rate).toBe(short.rate);
  });

  it('is as at first again after drafts that were declined, each time after twice as many', () => {
    const acceptance = new Acceptance();
    const waits: number[] = [];
    for (let time = 0; time < 6; time++) {
      acceptance.observe(5, 0);
      let declined = 0;
      while (acceptance.known) {
        acceptance.decline();
        declined++;
      }
      waits.push(declined);
    }
    expect(waits).toEqual([32, 64, 128, 256, 256, 256]);
    acceptance.observe(5, 5);
    for (let declined = 0; declined < 32; declined++) acceptance.decline();
    expect(acceptance.known).toBe(false);
  });
});
