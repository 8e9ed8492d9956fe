import { scoresStart } from '../../../recipe/recipe.ts';
import type { BaseOptions } from '../../../stages/start/base/options.ts';
import { base } from '../../../stages/start/base/stage.ts';
import { pretrain } from '../../../stages/start/pretrain/stage.ts';
import { readGguf } from '../../../stages/start/read-gguf/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { addExported, addScored, type Exported } from './measure.ts';

/** The model that a build starts from, and what it scores; null where nothing is compared with it. */
export interface Start extends Exported {
  readonly score: Handle<'answers'> | null;
}

/** The model to start from: somebody's, or a small one made from nothing. */
export function addStart(graph: Graph, questions: Handle<'questions'>): Start {
  graph.chapter = 'start';
  const { recipe } = graph;
  const model = recipe.pretrain ? graph.add('pretrain', pretrain, recipe.pretrain, {}) : addBase(graph, recipe.base!);
  if (!scoresStart(recipe)) return { ...addExported(graph, 'base', model, questions), score: null };
  return addScored(graph, 'base', model, questions);
}

/** @throws RangeError for a base of the hub that is not pinned: its content would depend on the time of the build. */
function addBase(graph: Graph, options: BaseOptions): Handle<'model'> {
  const { path, hub, revision, files, from, licence, chatTemplate, thinking } = options;
  // A base that does not say it keeps its key.
  const source = { licence, chatTemplate, ...(thinking === undefined ? {} : { thinking }) };
  if (hub !== null) {
    if (files === null) throw new RangeError(`${hub} at "${revision}" was not resolved to a commit before the build`);
    return graph.add('base', base, { ...source, hub: { id: hub, commit: revision, files } }, {});
  }
  const stage = from === 'dequantized' ? readGguf : base;
  return graph.add('base', stage, source, {}, { model: path as string });
}
