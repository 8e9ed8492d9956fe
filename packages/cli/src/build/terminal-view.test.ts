import type { BuildEvent, Gate } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { createTerminalView } from './terminal-view.ts';

const warning = (message: string): BuildEvent => ({ event: 'stage-warning', at: 0, stage: 'synthesize', message });
const end: BuildEvent = {
  ...{ event: 'build-end', at: 9, outcome: 'done', elapsedMs: 9, peakMemoryBytes: null },
  ...{ bundle: null, digest: null, domains: [] },
};

/** The lines of a build after its end was told. */
function linesAfterEnd(warnings: readonly string[]): string[] {
  let text = '';
  const view = createTerminalView((part) => (text += part), false);
  for (const message of warnings) view(warning(message));
  text = '';
  view(end);
  return text.trimEnd().split('\n').slice(1);
}

describe('createTerminalView', () => {
  it('repeats the warnings of a build in its last lines, ten at most', () => {
    expect(linesAfterEnd([])).toEqual([]);
    expect(linesAfterEnd(['own gave 1 of 20'])).toEqual([expect.stringContaining('synthesize: own gave 1 of 20')]);
    const many = linesAfterEnd(Array.from({ length: 12 }, (_, at) => `warning ${at}`));
    expect(many).toHaveLength(11);
    expect(many.at(-1)).toBe('  … and 2 more; the report has all');
  });

  it('says which gates an inconclusive build could not decide, and that its bundle is made', () => {
    const judged = (name: string, verdict: Gate['verdict'], guard = false): BuildEvent => ({
      event: 'gate-judged',
      at: 0,
      stage: 'support.evaluate',
      overridden: false,
      candidate: null,
      gate: {
        name,
        criterion: '',
        bound: 'at-least',
        threshold: 1.2,
        measured: 4,
        interval: [1.041, 10_000],
        unit: 'ratio',
        evidence: '',
        verdict,
        guard,
        advice: '',
      },
    });
    let text = '';
    const view = createTerminalView((part) => (text += part), false);
    view(judged('against-support', 'inconclusive'));
    expect(text).toContain('[1.041, ∞]');
    view(judged('no-fall-math', 'inconclusive', true));
    view(judged('against-coding', 'pass'));
    text = '';
    view({ ...end, outcome: 'inconclusive', bundle: 'nano.cogumi', digest: 'sha256:0' } as BuildEvent);
    expect(text.split('\n')[1]).toBe(
      '  too few questions to decide support.evaluate/against-support; the bundle is made all the same',
    );
  });
});
