import { merge } from '../../../stages/tuning/merge/stage.ts';
import { train } from '../../../stages/tuning/train/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { addScored, type Scored } from './measure.ts';

interface Given {
  readonly start: Scored;
  readonly data: Handle<'rows'>;
  readonly questions: Handle<'questions'>;
}

/** LoRA on the start in full precision, merged into it: the model that compression is measured against. */
export function addTuning(graph: Graph, { start, data, questions }: Given): Scored {
  const { recipe } = graph;
  const adapter = graph.add('train', train, recipe.train, { model: start.model, rows: data });
  const merged = graph.add('merge', merge, recipe.merge, { model: start.model, adapter, rows: data });
  return addScored(graph, 'reference', merged, questions, { against: start.score, ratio: recipe.goals.reference });
}
