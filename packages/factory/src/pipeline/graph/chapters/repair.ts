import { REPAIR_STRENGTH, type RepairOptions } from '../../../recipe/repair.ts';
import { distill } from '../../../stages/parts/distill/stage.ts';
import { evaluate } from '../../../stages/proof/evaluate/stage.ts';
import { train } from '../../../stages/tuning/train/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import type { Examples } from './data.ts';
import { addExported, measure, type Scored, tryPrompts } from './measure.ts';
import { addMerged } from './merged.ts';
import { addRetest, addTargets } from './targeted.ts';

interface Given {
  readonly model: Scored;
  /** What the model was trained on; undefined: nothing is known of it. */
  readonly data: Handle<'rows'> | undefined;
  readonly questions: Handle<'questions'>;
  readonly examples: Examples;
}

/**
 * Bounded rounds of targeted distillation: each looks for what the failures of the model have in common, draws new questions of those
 * kinds, learns what teachers answer to those that it fails, and is kept when new held-out questions prove that the weak kinds improved
 * and nothing fell.
 */
export function addRepair(graph: Graph, { model, data, questions, examples }: Given): Scored {
  const options = graph.recipe.repair;
  if (options === undefined) return model;
  graph.chapter = 'repair';
  let kept = model;
  let learned = data;
  for (let number = 1; number <= options.rounds; number++) {
    const id = number === 1 ? 'repair' : `repair.${number}`;
    const before = kept;
    const tried = graph.candidate(id, () =>
      addRound(graph, options, { id, number, before, old: oldOf(data, learned), questions, examples }),
    );
    const evidence = [tried.gguf, tried.score, tried.proof];
    kept = {
      model: graph.choose(`${id}.keep-model`, { candidate: tried.model, fallback: before.model, evidence }),
      gguf: graph.choose(`${id}.keep-gguf`, { candidate: tried.gguf, fallback: before.gguf, evidence }),
      score: graph.choose(`${id}.keep-score`, { candidate: tried.score, fallback: before.score, evidence }),
    };
    if (learned && number < options.rounds)
      learned = graph.choose(`${id}.keep-rows`, { candidate: tried.rows, fallback: learned, evidence });
  }
  return kept;
}

/** Rows that the model was trained on: those of the tuning, and of the last round that was kept. */
function oldOf(data: Handle<'rows'> | undefined, learned: Handle<'rows'> | undefined): Round['old'] {
  if (!data || !learned) return {};
  return { 'old.data': data, ...(learned.id === data.id ? {} : { 'old.repaired': learned }) };
}

interface Round extends Pick<Given, 'questions' | 'examples'> {
  readonly id: string;
  readonly number: number;
  readonly before: Scored;
  readonly old: Readonly<Record<`old.${string}`, Handle<'rows'>>>;
}

function addRound(graph: Graph, options: RepairOptions, round: Round) {
  const { id, number, before, old, questions, examples } = round;
  const targets = addTargets(graph, id, options, { model: before, questions, examples, round: number });
  const { prompts } = targets;
  const passAtOne = graph.add(`${id}.pass-at-1`, evaluate, tryPrompts(graph), {
    gguf: before.gguf,
    questions: prompts,
  });
  const rows = graph.add(`${id}.distill`, distill, options.distill, { passAtOne, questions: prompts, ...old });
  const adapter = graph.add(`${id}.train`, train, options.train, { model: before.model, rows });
  const strength = options.strength ?? (options.train.adapter === 'dora' ? 1 : REPAIR_STRENGTH);
  const model = addMerged(graph, `${id}.merge`, { model: before.model, adapter, rows }, strength);
  const repaired = addExported(graph, number === 1 ? 'repaired' : `repaired.${number}`, model, questions);
  const score = graph.add(`${id}.evaluate`, evaluate, measure(graph, { noFall: true }), {
    ...{ gguf: repaired.gguf, questions, against: before.score },
  });
  const after = { ...repaired, score };
  return { ...after, rows, proof: addRetest(graph, id, { targets, questions, before, after }) };
}
