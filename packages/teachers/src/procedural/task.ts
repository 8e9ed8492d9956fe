import type { BuiltInDomain, Difficulty } from '@cogumi/contracts';
import type { Random } from '@cogumi/pure';
import type { z } from 'zod';

type Json = z.core.util.JSONType;

/** One drawn question with its answer and everything that is needed to judge other answers. */
export interface Draw {
  /** The question as a user types it, in the requested wording. */
  readonly question: string;
  /** The best answer: short, in a form that the checker accepts. */
  readonly answer: string;
  /** Worked steps of a hard answer; null where there are none. */
  readonly reasoning: string | null;
  /** Identity of the question without its wording: two draws with one key are one question. */
  readonly key: string;
  /** The fact that the question is about, by which train and test are split: the key, or less where keys differ in names only. */
  readonly fact: string;
  /** Data for `check`. */
  readonly facts: Json;
  /** A plausible wrong answer, which a procedural teacher gives when it errs. Must fail `check`. */
  readonly wrongAnswer: string;
}

/**
 * Whether an answer is correct; the reason of a wrong one is shown to users and teachers. null: not measured, since a teacher
 * that judges gave no verdict.
 */
export type Judgement = { readonly correct: true } | { readonly correct: false | null; readonly reason: string };

/**
 * A generator of one kind of question in a domain, e.g. `coding/list-filter`, with an exact checker of answers.
 *
 * Wordings are named phrasings. `known` wordings occur in training and tests. `unseen` wordings are held out for tests, so that a
 * score on them shows understanding and no memory. Each task has at least three known wordings and one unseen.
 */
export interface Task {
  readonly name: `${BuiltInDomain}/${string}`;
  readonly domain: BuiltInDomain;
  readonly difficulties: readonly Difficulty[];
  readonly wordings: { readonly known: readonly string[]; readonly unseen: readonly string[] };
  draw(random: Random, difficulty: Difficulty, wording: string): Draw;
  /** Judges any text, also hostile text; never throws. Async where the answer must be run. */
  check(facts: Json, answer: string): Judgement | Promise<Judgement>;
}
