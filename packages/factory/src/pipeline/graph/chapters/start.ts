import type { BaseOptions } from '../../../stages/start/base/options.ts';
import { base } from '../../../stages/start/base/stage.ts';
import { pretrain } from '../../../stages/start/pretrain/stage.ts';
import { readGguf } from '../../../stages/start/read-gguf/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { addScored, type Scored } from './measure.ts';

/** The model to start from: somebody's, or a small one made from nothing. */
export function addStart(graph: Graph, questions: Handle<'questions'>): Scored {
  graph.chapter = 'start';
  const { recipe } = graph;
  const model = recipe.pretrain ? graph.add('pretrain', pretrain, recipe.pretrain, {}) : addBase(graph, recipe.base!);
  return addScored(graph, 'base', model, questions);
}

function addBase(graph: Graph, { path, from, licence, chatTemplate }: BaseOptions): Handle<'model'> {
  const stage = from === 'dequantized' ? readGguf : base;
  return graph.add('base', stage, { licence, chatTemplate }, {}, { model: path });
}
