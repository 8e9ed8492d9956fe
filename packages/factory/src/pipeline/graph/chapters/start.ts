import { base } from '../../../stages/start/base/stage.ts';
import { pretrain } from '../../../stages/start/pretrain/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { addScored, type Scored } from './measure.ts';

/** The model to start from: somebody's, or a small one made from nothing. */
export function addStart(graph: Graph, questions: Handle<'questions'>): Scored {
  graph.chapter = 'start';
  const { recipe } = graph;
  const model = recipe.pretrain
    ? graph.add('pretrain', pretrain, recipe.pretrain, {})
    : graph.add('base', base, { licence: recipe.base!.licence }, {}, { model: recipe.base!.path });
  return addScored(graph, 'base', model, questions);
}
