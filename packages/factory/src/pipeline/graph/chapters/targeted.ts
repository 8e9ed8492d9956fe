import type { TargetedOptions } from '../../../recipe/repair.ts';
import { evaluate } from '../../../stages/proof/evaluate/stage.ts';
import { FailuresOptions } from '../../../stages/proof/failures/options.ts';
import { failures } from '../../../stages/proof/failures/stage.ts';
import { retest } from '../../../stages/proof/retest/stage.ts';
import { target } from '../../../stages/proof/target/stage.ts';
import type { Graph, Handle } from '../graph.ts';
import { type Examples, examplesAgainst } from './data.ts';
import { measure } from './measure.ts';

/** A model, with an adapter or without, and its answers to the held-out questions. */
export interface Answering {
  readonly gguf: Handle<'gguf'>;
  readonly adapter?: Handle<'gguf-adapter'> | undefined;
  readonly score: Handle<'answers'>;
}

/** What a round of targeted distillation works on. */
export interface Targets {
  readonly failures: Handle<'failures'>;
  /** New questions of the kinds that failed, to learn from. */
  readonly prompts: Handle<'questions'>;
  /** Others, held out, to measure what was learned. */
  readonly fresh: Handle<'questions'>;
}

interface Given {
  readonly model: Answering;
  readonly questions: Handle<'questions'>;
  readonly examples: Examples;
  /** From 1. */
  readonly round: number;
  /** Questions that are neither learned nor part of the proof. */
  readonly apart?: Readonly<Record<`apart.${string}`, Handle<'questions'>>>;
  /** Rows that the model was trained on; training examples beside them may be drawn. Left out: none may. */
  readonly trained?: Readonly<Record<`trained.${string}`, Handle<'rows'>>>;
}

/** Unused examples of a domain of one's own that prove what was learned from the others, as a share of those left (chosen). */
const PROVING = 1 / 3;

/** Answers of a cluster that the report shows before and after (chosen). */
const EXAMPLES = 5;

/** Looks for what the failures of a model have in common, and draws new questions of those kinds: `<id>.failures`, `.prompts` and `.fresh`. */
export function addTargets(graph: Graph, id: string, options: TargetedOptions, given: Given): Targets {
  const { model, questions, examples, round, apart = {}, trained } = given;
  const { recipe } = graph;
  const found = graph.add(
    `${id}.failures`,
    failures,
    { ...(recipe.failures ?? FailuresOptions.parse({})), kinds: options.kinds, domains: {} },
    { gguf: model.gguf, questions, answers: model.score },
  );
  const { clusters, writer } = options;
  const from = { failures: found, questions, ...examplesAgainst(examples), ...apart, ...trained };
  const drawn = { clusters, writer, round, unused: trained !== undefined };
  const { unseenShare } = recipe.questions;
  const fresh = graph.add(
    `${id}.fresh`,
    target,
    { ...drawn, ownShare: PROVING, questions: options.retest, split: 'test', unseenShare },
    from,
  );
  const prompts = graph.add(
    `${id}.prompts`,
    target,
    { ...drawn, ownShare: 1, questions: options.questions, split: 'train', unseenShare: 0 },
    { ...from, 'apart.fresh': fresh },
  );
  return { failures: found, prompts, fresh };
}

interface Change {
  readonly targets: Targets;
  readonly questions: Handle<'questions'>;
  readonly before: Answering;
  readonly after: Answering;
}

/** Proves that the kinds that failed improved and nothing fell: `<id>.before`, `<id>.after` and `<id>.retest`. */
export function addRetest(graph: Graph, id: string, change: Change): Handle<'retest'> {
  const { targets, questions, before, after } = change;
  const { failures: found, fresh } = targets;
  const ask = (name: string, { gguf, adapter }: Answering) =>
    graph.add(`${id}.${name}`, evaluate, measure(graph), { gguf, adapter, questions: fresh });
  return graph.add(
    `${id}.retest`,
    retest,
    { examples: EXAMPLES },
    {
      ...{ failures: found, fresh, before: ask('before', before), after: ask('after', after) },
      ...{ questions, heldOutBefore: before.score, heldOutAfter: after.score },
    },
  );
}
