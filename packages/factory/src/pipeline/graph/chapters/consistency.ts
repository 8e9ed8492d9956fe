import type { ModifierRecipe } from '../../../recipe/recipe.ts';
import { exportAdapterStage } from '../../../stages/parts/export-adapter/stage.ts';
import { vote } from '../../../stages/parts/vote/stage.ts';
import { sample } from '../../../stages/proof/sample/stage.ts';
import { train } from '../../../stages/tuning/train/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';

interface Given {
  readonly served: Served;
  readonly prompts: Handle<'questions'>;
  readonly questions: Handle<'questions'>;
}

/** An adapter that learned the served model's own answers to the seed prompts, with how often samples agree before and after. */
export function addConsistency(
  graph: Graph,
  id: string,
  { domain, consistency, train: options }: ModifierRecipe,
  { served, prompts, questions }: Given,
): Handle<'gguf-adapter'> {
  const { samples, temperature, ...voting } = consistency!;
  const drawn = { samples, temperature, ...graph.recipe.evaluate };
  const heldOut = { ...drawn, domains: [domain] };
  const { gguf, tensors: model } = served;
  const own = graph.add(`${id}.samples`, sample, { ...drawn, domains: null }, { gguf, questions: prompts });
  const rows = graph.add(`${id}.vote`, vote, voting, { samples: own, questions: prompts });
  const learned = graph.add(`${id}.train`, train, options, { model, rows });
  const adapter = graph.add(`${id}.export`, exportAdapterStage, { type: 'f16' }, { model, adapter: learned });
  const against = graph.add(`${id}.consistency-before`, sample, heldOut, { gguf, questions });
  graph.add(`${id}.consistency`, sample, heldOut, { gguf, adapter, questions, against });
  return adapter;
}
