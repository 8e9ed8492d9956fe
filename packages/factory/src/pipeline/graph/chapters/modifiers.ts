import type { ModifierRecipe } from '../../../recipe/recipe.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Served } from './compression.ts';
import { addConsistency } from './consistency.ts';
import type { Examples } from './data.ts';
import type { Judged } from './measure.ts';
import { addDomainScore, addImported, addRound } from './rounds.ts';
import type { SeedPrompts } from './seed-prompts.ts';
import { addRetest, addTargets } from './targeted.ts';

interface Given {
  readonly served: Served;
  readonly questions: Handle<'questions'>;
  readonly seedPrompts: SeedPrompts;
  readonly examples: Examples;
  /** Whether each has to be better for certain. */
  readonly proven?: boolean;
}

/** The adapter of each modifier and what it scores, by name. */
export type Modifiers = ReadonlyMap<
  string,
  { readonly adapter: Handle<'gguf-adapter'>; readonly score: Handle<'answers'> }
>;

/** The adapters, by name: each learned from what the served model fails in its domain, in bounded rounds. */
export function addModifiers(graph: Graph, given: Given): Modifiers {
  graph.chapter = 'modifiers';
  return new Map(
    Object.entries(graph.recipe.modifiers).map(([name, recipe]) => [name, addModifier(graph, name, recipe, given)]),
  );
}

/** The adapter of one modifier, held against the reference on the held-out questions of its domain. */
export function addModifier(graph: Graph, name: string, recipe: ModifierRecipe, given: Given) {
  const { served, questions, seedPrompts, examples, proven = false } = given;
  const prompts = seedPrompts.get(name)!;
  const score = (id: string, adapter: Handle<'gguf-adapter'>, judged?: Judged) =>
    addDomainScore(graph, id, recipe, { served, adapter, questions, judged });
  const judged = { against: served.reference, ratio: recipe.goal, proven };
  if (recipe.adapter) {
    const adapter = addImported(graph, name, recipe.adapter, served.tensors);
    return { adapter, score: score(`${name}.evaluate`, adapter, judged) };
  }
  if (recipe.consistency) {
    const adapter = addConsistency(graph, name, recipe, { served, prompts, questions });
    return { adapter, score: score(`${name}.evaluate`, adapter, judged) };
  }
  let kept = addRound(graph, name, recipe, { number: 1, served, prompts });
  let best = recipe.rounds > 1 ? score(`${name}.1.evaluate`, kept.adapter) : null;
  for (let number = 2; best && number <= recipe.rounds; number++) {
    const id = `${name}.${number}`;
    const [before, earlier] = [best, kept];
    const { targeted } = recipe;
    const tried = graph.candidate(id, () => {
      if (!targeted) {
        const round = addRound(graph, id, recipe, { number, served, prompts, earlier });
        const better = score(`${id}.evaluate`, round.adapter, { against: before, ratio: 1 });
        return { ...round, score: better, evidence: [better] };
      }
      const model = { gguf: served.gguf, adapter: earlier.adapter, score: before };
      const targets = addTargets(graph, id, targeted, { model, questions, examples, round: number });
      const round = addRound(graph, id, recipe, { number, served, prompts: targets.prompts, earlier });
      const after = { ...model, adapter: round.adapter, score: score(`${id}.evaluate`, round.adapter) };
      const proof = addRetest(graph, id, { targets, questions, before: model, after });
      return { ...round, score: after.score, evidence: [after.score, proof] };
    });
    const { evidence } = tried;
    kept = {
      adapter: graph.choose(`${id}.keep`, { candidate: tried.adapter, fallback: earlier.adapter, evidence }),
      rows: graph.choose(`${id}.keep-rows`, { candidate: tried.rows, fallback: earlier.rows, evidence }),
    };
    best = graph.choose(`${id}.keep-score`, { candidate: tried.score, fallback: before, evidence });
  }
  return { adapter: kept.adapter, score: score(`${name}.evaluate`, kept.adapter, judged) };
}
