import { expect, it } from 'vitest';
import { vocabularyChart } from './vocabulary-chart.ts';

it('shows what each size that was tried covers and costs, and what tuning took back', () => {
  const markup = String(
    vocabularyChart({
      ...{ stage: 'trim-vocabulary', kept: 600, whole: 1000 },
      curve: [
        { size: 300, coverage: 0.9, sources: { alpaca: 0.95, code: 0.85 } },
        { size: 1000, coverage: 1, sources: { alpaca: 1, code: 1 } },
      ],
      trials: [
        { size: 400, coverage: 0.98, bitsPerByte: 1.05 },
        { size: 600, coverage: 0.99, bitsPerByte: 0.995 },
      ],
      cost: { trimmed: 1.027, written: 1.004 },
    }),
  );
  expect(markup).toContain('+5.0%');
  expect(markup).toContain('−0.5%');
  expect(markup).toContain('+2.7% with 600 tokens, +0.4% after tuning');
  // Coverage by source.
  expect(markup).toContain('code');
});
