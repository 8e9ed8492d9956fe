import { CogumiError } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { explainFailure } from './explain-failure.ts';

describe('explainFailure', () => {
  it('passes on what is no error, whatever it is', () => {
    for (const cause of [null, undefined, 'a word', 3]) expect(explainFailure(cause, '.cogumi')).toBe(cause);
  });

  it('calls everything that fails after a signal interrupted: helpers end with it, and say so in their own words', () => {
    const cause = new CogumiError('PYTHON_BROKEN', 'KeyboardInterrupt', 'Run `npm run setup`.');
    expect(explainFailure(cause, '.cogumi', true)).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(explainFailure(cause, '.cogumi')).toBe(cause);
  });

  it('says what a full disk means and what to do', () => {
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/x/y' });
    expect(explainFailure(cause, '.cogumi')).toMatchObject({
      code: 'DISK_FULL',
      hint: expect.stringContaining('cogumi clean'),
    });
  });
});
