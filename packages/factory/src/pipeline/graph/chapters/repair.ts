import type { RepairOptions } from '../../../recipe/repair.ts';
import { distill } from '../../../stages/parts/distill/stage.ts';
import { exportAdapterStage } from '../../../stages/parts/export-adapter/stage.ts';
import { alike } from '../../../stages/proof/alike/stage.ts';
import { evaluate } from '../../../stages/proof/evaluate/stage.ts';
import { strength } from '../../../stages/tuning/strength/stage.ts';
import { train } from '../../../stages/tuning/train/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { type Examples, examplesAgainst } from './data.ts';
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

/**
 * Unused examples of a domain of one's own that choose the strength, as a share: they are few, and about half are to be learned (chosen). `PROVING` of
 * the others prove the repair.
 */
const CHECKED = 0.25;

function addRound(graph: Graph, options: RepairOptions, round: Round) {
  const { id, number, before, old, questions, examples } = round;
  const trained = Object.fromEntries(
    Object.entries(old).map(([name, rows]): [`trained.${string}`, Handle<'rows'>] => [
      `trained.${name.slice('old.'.length)}`,
      rows,
    ]),
  );
  const drawAlike = (
    part: string,
    count: number,
    { unseenShare, ownShare }: { readonly unseenShare: number; readonly ownShare: number },
    apart: Readonly<Record<string, Handle<'questions'>>>,
  ) =>
    graph.add(
      `${id}.${part}`,
      alike,
      { questions: count, unseenShare, ownShare, part, round: number },
      { questions, ...examplesAgainst(examples), ...trained, ...apart },
    );
  const { unseenShare } = graph.recipe.questions;
  const check = drawAlike('check', options.check, { unseenShare, ownShare: CHECKED }, {});
  const given = { model: before, questions, examples, round: number, trained, apart: { 'apart.check': check } };
  const targets = addTargets(graph, id, options, given);
  const { prompts, fresh } = targets;
  const passAtOne = graph.add(`${id}.pass-at-1`, evaluate, tryPrompts(graph), {
    ...{ gguf: before.gguf, questions: prompts },
  });
  const apart = { 'apart.check': check, 'apart.fresh': fresh, 'apart.prompts': prompts };
  const replay =
    options.replay > 0 ? drawAlike('replay', options.replay, { unseenShare: 0, ownShare: 1 }, apart) : undefined;
  const rows = graph.add(`${id}.distill`, distill, options.distill, {
    ...{ passAtOne, questions: prompts, ...old },
    ...(replay && {
      replay,
      // Right is what the guards call right: a model that answers in prose would have nothing to keep.
      replayed: graph.add(`${id}.replayed`, evaluate, measure(graph), { gguf: before.gguf, questions: replay }),
    }),
  });
  const adapter = graph.add(`${id}.train`, train, options.train, { model: before.model, rows });
  const merging = { model: before.model, adapter, rows };
  const whole = options.train.adapter === 'dora' && Array.isArray(options.strength);
  const strengths = whole ? 1 : options.strength;
  const model = Array.isArray(strengths)
    ? addMerged(
        graph,
        `${id}.merge`,
        { ...merging, strength: addStrength(graph, strengths, { ...round, adapter, check }) },
        1,
      )
    : addMerged(graph, `${id}.merge`, merging, strengths);
  const repaired = addExported(graph, number === 1 ? 'repaired' : `repaired.${number}`, model, questions);
  const score = graph.add(`${id}.evaluate`, evaluate, measure(graph, { noFall: 'before' }), {
    ...{ gguf: repaired.gguf, questions, against: before.score },
  });
  const after = { ...repaired, score };
  return { ...after, rows, proof: addRetest(graph, id, { targets, questions, before, after }) };
}

interface Tried extends Pick<Round, 'id' | 'before'> {
  readonly adapter: Handle<'adapter'>;
  readonly check: Handle<'questions'>;
}

/** The share of an adapter's change with which nothing falls on questions that are neither learned nor part of the proof. */
function addStrength(graph: Graph, strengths: readonly number[], { id, before, adapter, check }: Tried) {
  const { maxTokens, sequences, extraction } = measure(graph);
  const change = graph.add(`${id}.export`, exportAdapterStage, { type: 'f16' }, { model: before.model, adapter });
  return graph.add(
    `${id}.strength`,
    strength,
    { maxTokens, sequences, extraction, strengths: [...strengths] },
    { gguf: before.gguf, adapter: change, questions: check },
  );
}
