import type { Gate } from '@cogumi/contracts';
import { expect, it } from 'vitest';
import { chooseLayer } from './choose-layer.ts';

/** A router that is wrong about the prompts at these places of 100 known and 40 unseen ones. */
function router(layer: number, wrong: { known?: number[]; unseen?: number[] }, verdict: Gate['verdict'] = 'pass') {
  const outcomes = (count: number, at: number[] = []) =>
    Array.from({ length: count }, (_, place) => !at.includes(place));
  const gate = { verdict } as Gate;
  const given = { weights: {} as never, confusion: {} as never, gates: [gate] };
  return { layer, ...given, outcomes: { known: outcomes(100, wrong.known), unseen: outcomes(40, wrong.unseen) } };
}
const last = router(20, { known: [0] });
const first = (wrong: Parameters<typeof router>[1], verdict?: Gate['verdict']) =>
  chooseLayer([router(2, wrong, verdict), router(9, { known: [0, 1] }), last]).layer;

it('takes the earliest layer whose loss is within what the sample can tell', () => {
  // Of McNemar's test: four lost and none won prove a loss, three do not.
  expect(first({ known: [0, 5, 6, 7] })).toBe(2);
  expect(first({ known: [0, 5, 6, 7, 8] })).toBe(9);
  // What is won elsewhere counts against what is lost.
  expect(first({ known: [1, 5, 6, 7] })).toBe(2);
});

it('lets no kind of prompts fall, whatever the others win', () => {
  const weak = router(20, { known: [0, 1, 2] });
  expect(chooseLayer([router(2, { unseen: [0, 1, 2, 3] }), weak]).layer).toBe(20);
  expect(chooseLayer([router(2, { unseen: [0, 1, 2] }), weak]).layer).toBe(2);
});

it('takes no layer with which a gate has a worse verdict', () => {
  expect(first({ known: [0, 5] }, 'inconclusive')).toBe(9);
  expect(chooseLayer([router(2, {}, 'fail'), router(9, { known: [3] }, 'fail')]).layer).toBe(2);
});

it('takes the best one where it is the first, and the only one there is', () => {
  expect(chooseLayer([router(2, {}), last]).layer).toBe(2);
  expect(chooseLayer([last])).toBe(last);
});
