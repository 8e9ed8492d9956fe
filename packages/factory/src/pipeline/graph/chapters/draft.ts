import { quantize } from '../../../stages/compression/quantize/stage.ts';
import { draft } from '../../../stages/parts/draft/stage.ts';
import { speculate } from '../../../stages/proof/speculate/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';
import { addExported } from './measure.ts';

interface Given {
  readonly served: Served;
  readonly data: Handle<'rows'> | undefined;
  readonly questions: Handle<'questions'>;
}

/** A draft model of the base that is served, proven and measured by the runtime; null: the recipe asks for none. */
export function addDraft(graph: Graph, { served, data, questions }: Given): Handle<'gguf'> | null {
  const { recipe } = graph;
  const options = recipe.draft;
  if (options === undefined || !data) return null;
  graph.chapter = 'draft';
  return graph.candidate('draft', () => {
    const trained = graph.add('draft', draft, options, { model: served.tensors, rows: data });
    const { gguf } = addExported(graph, 'draft', trained, questions);
    // What counts of a draft model is what is accepted of it, which is measured next.
    const small = graph.add('quantize.draft', quantize, { ...recipe.quantize, minAgreement: 0 }, { gguf, questions });
    return graph.add('speculate', speculate, recipe.speculate, { gguf: served.gguf, draft: small, trained, questions });
  });
}
