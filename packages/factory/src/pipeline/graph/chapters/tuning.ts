import { basename } from 'node:path';
import { reference } from '../../../stages/proof/reference/stage.ts';
import { merge } from '../../../stages/tuning/merge/stage.ts';
import { train } from '../../../stages/tuning/train/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { addScored, type Exported } from './measure.ts';
import type { Start } from './start.ts';

interface Given {
  readonly start: Start;
  readonly data: Handle<'rows'> | undefined;
  readonly questions: Handle<'questions'>;
}

/** The tuned model, and the answers that what follows is measured against; null: those of the model that is served. */
export interface Tuned extends Exported {
  readonly reference: Handle<'answers'> | null;
}

/** LoRA on the start in full precision, merged into it; no domain may fall below the start. Without `train` the start itself. */
export function addTuning(graph: Graph, { start, data, questions }: Given): Tuned {
  graph.chapter = 'tuning';
  const { recipe } = graph;
  const { score } = start;
  if (recipe.train === null || !data || !score) return { ...start, reference: score };
  const adapter = graph.add('train', train, recipe.train, { model: start.model, rows: data });
  const { prose } = recipe.merge;
  const merged = graph.add(
    'merge',
    merge,
    { ...recipe.merge, prose: prose && { path: basename(prose.path) } },
    { model: start.model, adapter, rows: data },
    prose ? { prose: prose.path } : {},
  );
  const judged = { against: score, ratio: recipe.goals.tuned, noFall: true };
  const tuned = addScored(graph, 'tuned', merged, questions, judged);
  return { ...tuned, reference: graph.add('reference', reference, {}, { start: score, tuned: tuned.score }) };
}
