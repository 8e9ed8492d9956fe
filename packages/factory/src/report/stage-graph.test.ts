import { describe, expect, it } from 'vitest';
import type { ReportStage } from './read-run.ts';
import { stageGraph } from './stage-graph.ts';

const stage = (id: string, chapter: string | null, ...inputs: string[]): ReportStage => ({
  ...{ id, chapter, inputs, outcome: 'done', message: '', seconds: 1, bytes: 0, manifest: null },
});

/** Lanes as `a > b`, chapter by chapter. */
const lanes = (...stages: ReportStage[]) =>
  [...stageGraph(stages).text.matchAll(/<ol class="lane">(.*?)<\/ol>/g)].map(([, lane]) =>
    [...lane!.matchAll(/<b>(.*?)<\/b>/g)].map(([, id]) => id).join(' > '),
  );

describe('stageGraph', () => {
  it('puts a chain of stages in one lane, and what reads two chains behind the longer one', () => {
    expect(
      lanes(
        stage('import', 'data'),
        stage('dedup', 'data', 'import'),
        stage('synthesize', 'data'),
        stage('mix', 'data', 'dedup', 'synthesize'),
        stage('train', 'tuning', 'mix'),
      ),
    ).toEqual(['import > dedup > mix', 'synthesize', 'train']);
  });

  it('follows the order of the chapters, whatever the order of the stages, and shows stages of unknown ones', () => {
    expect(lanes(stage('bundle', 'bundle'), stage('base', 'start'), stage('old', null))).toEqual([
      'old',
      'base',
      'bundle',
    ]);
  });

  it('names what else a stage reads, and counts where that is much', () => {
    const text = stageGraph([
      stage('a', 'data'),
      stage('b', 'data', 'a', 'x', 'y'),
      stage('c', 'bundle', 'a', 'b', 'x', 'y', 'z'),
    ]).text;
    expect(text).toContain('+ x, y<');
    expect(text).toContain('+ 5 stages<');
  });
});
