import type { Difficulty, Domain } from '@cogumi/contracts';
import type { Random } from '@cogumi/pure';
import type { z } from 'zod';

type Json = z.core.util.JSONType;

/** One question as its generator knows it: asked, answered, and with what is needed to judge any other answer. */
export interface Draw {
  /** As the user types it, in the wording asked for. */
  readonly question: string;
  /** The best answer: short, in the form that the checker accepts. */
  readonly answer: string;
  /** Worked steps behind a hard answer; null where there is nothing to think about. */
  readonly reasoning: string | null;
  /** What is asked, apart from how: two draws with one key are one question. */
  readonly key: string;
  /** What has to be known for it, by which train and test are split: the key, or less where only names tell keys apart. */
  readonly fact: string;
  /** Plain data for `check`. */
  readonly facts: Json;
  /** A plausible wrong answer: what an apprentice says on a bad day. Must fail `check`. */
  readonly wrongAnswer: string;
}

/** Whether an answer is right, and if not, why: the reason is shown to people and to teachers. */
export type Judgement = { readonly correct: true } | { readonly correct: false; readonly reason: string };

/**
 * A kind of question inside a domain, e.g. `coding/list-filter`: makes them without end and judges answers exactly.
 *
 * Wordings are named phrasings. `known` ones occur in training and test; `unseen` ones in tests alone, so that a score on
 * them tells understanding from memory. Each task has at least three known and one unseen.
 */
export interface Task {
  readonly name: `${Domain}/${string}`;
  readonly domain: Domain;
  readonly difficulties: readonly Difficulty[];
  readonly wordings: { readonly known: readonly string[]; readonly unseen: readonly string[] };
  draw(random: Random, difficulty: Difficulty, wording: string): Draw;
  /** Judges any text, hostile ones included; never throws. Async where the answer has to be run. */
  check(facts: Json, answer: string): Judgement | Promise<Judgement>;
}
