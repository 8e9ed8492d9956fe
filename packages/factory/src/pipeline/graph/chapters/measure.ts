import type { Domain } from '@cogumi/contracts';
import { EXTRACTION_VERSION } from '@cogumi/teachers';
import { evaluate } from '../../../stages/proof/evaluate/stage.ts';
import { exportStage } from '../../../stages/proof/export/stage.ts';
import type { Graph, Handle } from '../graph.ts';

/** A model in full precision, and its proven export. */
export interface Exported {
  readonly model: Handle<'model'>;
  readonly gguf: Handle<'gguf'>;
}

/** A model in full precision, and what it scores. */
export interface Scored extends Exported {
  readonly score: Handle<'answers'>;
}

/** The answers that a score is held against, and how many times as many right ones it takes at least. */
export interface Judged {
  readonly against: Handle<'answers'>;
  readonly ratio: number;
  /** Whether a domain that falls below those answers for certain fails as well. */
  readonly noFall?: boolean;
  /** Whether a sample that cannot tell fails. */
  readonly proven?: boolean;
  /** Whether only a loss is looked for: another gate proves that there is none. */
  readonly guard?: boolean;
}

/** Least right answers as a multiple of another model's, on one domain or on all (`null`). */
export interface Goal {
  readonly domain: Domain | null;
  readonly ratio: number;
  /** Whether a sample that cannot tell fails. */
  readonly proven?: boolean;
  readonly guard?: boolean;
}

interface Measure {
  readonly goals?: readonly Goal[];
  /** Only these; null: all. */
  readonly domains?: readonly Domain[] | null;
  readonly noFall?: boolean | 'before';
}

/** How every model of a build answers held-out questions and is judged, so that scores compare: what is right in prose is right. */
export function measure(graph: Graph, { goals = [], domains = null, noFall = false }: Measure = {}) {
  const judged = { domains: domains && [...domains], goals: [...goals], noFall };
  return { ...graph.recipe.evaluate, ...judged, extraction: EXTRACTION_VERSION };
}

/** How a model answers prompts that it may learn: as they stand, since what is not of the form that rows teach is left to learn. */
export function tryPrompts(graph: Graph) {
  return { ...graph.recipe.evaluate, domains: null, goals: [], noFall: false };
}

/** Exports a model and proves the export: `export.<name>`. */
export function addExported(
  graph: Graph,
  name: string,
  model: Handle<'model'>,
  questions: Handle<'questions'>,
): Exported {
  return { model, gguf: graph.add(`export.${name}`, exportStage, graph.recipe.export, { model, questions }) };
}

/** Exports a model, proves the export and asks it the held-out questions: `export.<name>` and `evaluate.<name>`. */
export function addScored(
  graph: Graph,
  name: string,
  model: Handle<'model'>,
  questions: Handle<'questions'>,
  judged?: Judged,
): Scored {
  const { gguf } = addExported(graph, name, model, questions);
  const goals = judged ? [{ domain: null, ratio: judged.ratio, ...(judged.guard && { guard: true }) }] : [];
  const against = judged?.against;
  const options = measure(graph, { goals, noFall: judged?.noFall ?? false });
  const score = graph.add(`evaluate.${name}`, evaluate, options, { gguf, questions, against });
  return { model, gguf, score };
}
