import type { Domain } from '@cogumi/contracts';
import { evaluate } from '../../../stages/proof/evaluate/stage.ts';
import { exportStage } from '../../../stages/proof/export/stage.ts';
import type { Graph, Handle } from '../graph.ts';

/** A model in full precision, and what it scores. */
export interface Scored {
  readonly model: Handle<'model'>;
  readonly gguf: Handle<'gguf'>;
  readonly score: Handle<'answers'>;
}

/** The answers that a score is held against, and how many times as many right ones it takes at least. */
export interface Judged {
  readonly against: Handle<'answers'>;
  readonly ratio: number;
}

/** Least right answers as a multiple of another model's, on one domain or on all (`null`). */
export interface Goal {
  readonly domain: Domain | null;
  readonly ratio: number;
}

/** How every model of a build answers, so that scores compare. */
export function measure(graph: Graph, goals: readonly Goal[] = [], domains: readonly Domain[] | null = null) {
  return { ...graph.recipe.evaluate, domains: domains && [...domains], goals: [...goals] };
}

/** Exports a model, proves the export and asks it the held-out questions: `export.<name>` and `evaluate.<name>`. */
export function addScored(
  graph: Graph,
  name: string,
  model: Handle<'model'>,
  questions: Handle<'questions'>,
  judged?: Judged,
): Scored {
  const gguf = graph.add(`export.${name}`, exportStage, graph.recipe.export, { model, questions });
  const goals = judged ? [{ domain: null, ratio: judged.ratio }] : [];
  const against = judged?.against;
  const score = graph.add(`evaluate.${name}`, evaluate, measure(graph, goals), { gguf, questions, against });
  return { model, gguf, score };
}
