import type { Recipe } from '../../../recipe/recipe.ts';
import { dequantize } from '../../../stages/compression/dequantize/stage.ts';
import { dropLayers } from '../../../stages/compression/drop-layers/stage.ts';
import { quantize } from '../../../stages/compression/quantize/stage.ts';
import { trimVocabulary } from '../../../stages/compression/trim-vocabulary/stage.ts';
import { evaluate } from '../../../stages/proof/evaluate/stage.ts';
import { minimalPairs } from '../../../stages/proof/minimal-pairs/stage.ts';
import type { Stage } from '../../../stages/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { addScored, measure } from './measure.ts';
import type { Tuned } from './tuning.ts';

interface Given {
  readonly tuned: Tuned;
  readonly data: Handle<'rows'> | undefined;
  readonly questions: Handle<'questions'>;
}

/** The model that ships: the file that is served, and its weights as tensors that adapters learn on. */
export interface Served {
  readonly gguf: Handle<'gguf'>;
  readonly tensors: Handle<'model'>;
  readonly score: Handle<'answers'>;
  /** What modifiers are measured against. */
  readonly reference: Handle<'answers'>;
}

/** A model and rows in, a smaller model out. */
type ModelStage<Options> = Stage<Options, { readonly model: 'model'; readonly rows: 'rows' }, 'model'>;

const step = <Options>(stage: ModelStage<Options>, optionsOf: (recipe: Recipe) => Options | undefined) => ({
  name: stage.name,
  add(graph: Graph, model: Handle<'model'>, rows: Handle<'rows'>): Handle<'model'> | null {
    const options = optionsOf(graph.recipe);
    return options === undefined ? null : graph.add(stage.name, stage, options, { model, rows });
  },
});

/** Optional steps that make the model smaller, in their order. A key that the recipe leaves out is a step that is not taken. */
const STEPS = [
  // What stays is the same model to the last bit, so that a loss is small, and few answers would tell: minimal pairs do.
  { ...step(trimVocabulary, (recipe) => recipe.trimVocabulary), inPairs: true },
  { ...step(dropLayers, (recipe) => recipe.dropLayers), inPairs: false },
];

/**
 * Each step is kept only when its export holds and it reaches its goal, by its score against the reference or by minimal pairs against
 * the model before it; then the result is quantized.
 */
export function addCompression(graph: Graph, { tuned, data, questions }: Given): Served {
  const { recipe } = graph;
  graph.chapter = 'compression';
  const against = tuned.reference;
  let { model, gguf: exported } = tuned;
  const ratio = recipe.goals.compressed;
  for (const { name, add, inPairs } of STEPS) {
    const before = exported;
    const tried = graph.candidate(name, () => {
      const smaller = data && add(graph, model, data);
      if (!smaller || !against) return null;
      const scored = addScored(graph, name, smaller, questions, { against, ratio, guard: inPairs });
      const pairs = { gguf: scored.gguf, against: before, questions };
      const preferred = inPairs ? [graph.add(`minimal-pairs.${name}`, minimalPairs, { ratio }, pairs)] : [];
      return { ...scored, evidence: [scored.gguf, scored.score, ...preferred] };
    });
    if (!tried) continue;
    const { evidence } = tried;
    model = graph.choose(`${name}.keep-model`, { candidate: tried.model, fallback: model, evidence });
    exported = graph.choose(`${name}.keep-gguf`, { candidate: tried.gguf, fallback: exported, evidence });
  }
  const gguf = graph.add('quantize', quantize, recipe.quantize, { gguf: exported, questions });
  const { quantized } = recipe.goals;
  const goals = quantized === null ? [] : [{ domain: null, ratio: quantized }];
  const score = graph.add('evaluate.quantized', evaluate, measure(graph, { goals }), {
    ...{ gguf, questions, against: against ?? undefined },
  });
  const reference = against ?? score;
  return { gguf, score, reference, tensors: graph.add('dequantize', dequantize, {}, { gguf, model }) };
}
