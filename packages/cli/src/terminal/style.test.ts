import { expect, it } from 'vitest';
import { figure } from './style.ts';

it('shows numbers so that small ones can be compared', () => {
  const shown = [0.000009495, 0.000009505, 0.98314, 0, 5300, 12_345.6, -0.5].map(figure);
  expect(shown).toEqual(['0.000009495', '0.000009505', '0.9831', '0', '5,300', '12,346', '-0.5000']);
});
