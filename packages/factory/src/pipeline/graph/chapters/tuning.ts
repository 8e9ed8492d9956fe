import { reference } from '../../../stages/proof/reference/stage.ts';
import { train } from '../../../stages/tuning/train/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Examples } from './data.ts';
import { addScored, type Exported, type Scored } from './measure.ts';
import { addMerged } from './merged.ts';
import { addRepair } from './repair.ts';
import type { Start } from './start.ts';

interface Given {
  readonly start: Start;
  readonly data: Handle<'rows'> | undefined;
  readonly questions: Handle<'questions'>;
  readonly examples: Examples;
}

/** The tuned model, and the answers that what follows is measured against; null: those of the model that is served. */
export interface Tuned extends Exported {
  readonly reference: Handle<'answers'> | null;
}

/**
 * LoRA on the start in full precision, merged into it, then repaired where it fails; no domain may fall below the start. Without
 * `train` it is the start itself that is repaired.
 */
export function addTuning(graph: Graph, { start, data, questions, examples }: Given): Tuned {
  graph.chapter = 'tuning';
  const { recipe } = graph;
  const { score } = start;
  if (!score) return { ...start, reference: null };
  const learns = recipe.train !== null && data;
  if (!learns && recipe.repair === undefined) return { ...start, reference: score };
  const model = learns ? addTuned(graph, { ...start, score }, data, questions) : { ...start, score };
  const repaired = addRepair(graph, { model, data, questions, examples });
  return { ...repaired, reference: graph.add('reference', reference, {}, { start: score, tuned: repaired.score }) };
}

function addTuned(graph: Graph, start: Scored, rows: Handle<'rows'>, questions: Handle<'questions'>): Scored {
  const { model, score } = start;
  const adapter = graph.add('train', train, graph.recipe.train!, { model, rows });
  const merged = addMerged(graph, 'merge', { model, adapter, rows });
  const judged = { against: score, ratio: graph.recipe.goals.tuned, noFall: true };
  return addScored(graph, 'tuned', merged, questions, judged);
}
