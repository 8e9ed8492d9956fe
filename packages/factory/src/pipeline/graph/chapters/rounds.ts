import type { ModifierRecipe } from '../../../recipe/recipe.ts';
import { distill } from '../../../stages/parts/distill/stage.ts';
import { exportAdapterStage } from '../../../stages/parts/export-adapter/stage.ts';
import type { AdapterSource } from '../../../stages/parts/import-adapter/options.ts';
import { importAdapter } from '../../../stages/parts/import-adapter/stage.ts';
import { evaluate } from '../../../stages/proof/evaluate/stage.ts';
import { train } from '../../../stages/tuning/train/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';
import { type Judged, measure, tryPrompts } from './measure.ts';

/** What a round makes, and what the next one starts from. */
export interface Learned {
  readonly adapter: Handle<'gguf-adapter'>;
  readonly rows: Handle<'rows'>;
}

interface Round {
  /** From 1. */
  readonly number: number;
  readonly served: Served;
  readonly prompts: Handle<'questions'>;
  readonly earlier?: Learned;
}

/** Tries the seed prompts once, lets teachers answer what failed, trains an adapter on that. */
export function addRound(graph: Graph, id: string, recipe: ModifierRecipe, round: Round): Learned {
  const { number, served, prompts: questions, earlier } = round;
  const tried = { gguf: served.gguf, adapter: earlier?.adapter, questions };
  const passAtOne = graph.add(`${id}.pass-at-1`, evaluate, tryPrompts(graph), tried);
  const { tiers, ...rest } = recipe.distill;
  const asked = recipe.tierByTier ? [tiers[Math.min(number, tiers.length) - 1]!] : tiers;
  const rows = graph.add(
    `${id}.distill`,
    distill,
    { ...rest, tiers: asked },
    { passAtOne, questions, earlier: earlier?.rows },
  );
  const model = served.tensors;
  const adapter = graph.add(`${id}.train`, train, recipe.train, { model, rows });
  return { rows, adapter: graph.add(`${id}.export`, exportAdapterStage, { type: 'f16' }, { model, adapter }) };
}

/** An adapter that was trained elsewhere, converted for the served model. */
export function addImported(graph: Graph, id: string, { path }: AdapterSource, model: Handle<'model'>) {
  const adapter = graph.add(`${id}.import`, importAdapter, {}, { model }, { adapter: path });
  return graph.add(`${id}.export`, exportAdapterStage, { type: 'f16' }, { model, adapter });
}

interface HeldOut {
  readonly served: Served;
  readonly adapter: Handle<'gguf-adapter'>;
  readonly questions: Handle<'questions'>;
  readonly judged?: Judged | undefined;
}

/** Asks the served model with an adapter the held-out questions of the adapter's domain. */
export function addDomainScore(
  graph: Graph,
  id: string,
  { domain }: ModifierRecipe,
  given: HeldOut,
): Handle<'answers'> {
  const { served, adapter, questions, judged } = given;
  const proven = judged?.proven ? { proven: true } : {};
  const goals = judged ? [{ domain, ratio: judged.ratio, ...proven }] : [];
  const inputs = { gguf: served.gguf, adapter, questions, against: judged?.against };
  return graph.add(id, evaluate, measure(graph, { goals, domains: [domain] }), inputs);
}
