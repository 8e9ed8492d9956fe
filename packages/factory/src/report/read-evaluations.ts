import { join } from 'node:path';
import { Answer, type ArtifactKind, type ArtifactManifest, Failure } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { z } from 'zod';
import type { Artifact } from '../artifacts/store.ts';

/** Answers to held-out questions with their scores. Answers to training questions are not evaluations. */
export interface Evaluation {
  /** Id of its node in the graph. */
  readonly id: string;
  /** What was measured: the id without the stage's name, as `base` or the name of a modifier. */
  readonly name: string;
  /** Ids of the evaluations whose answers these were compared with: several where the better one was picked by domain. */
  readonly comparedTo: readonly string[];
  /** Whether a modifier's adapter was active. */
  readonly withAdapter: boolean;
  /** Where an answer was cut; null: unknown. */
  readonly maxTokens: number | null;
  readonly scores: Scores;
  readonly answers: readonly Answer[];
  /** Text of the questions by id. */
  readonly questions: ReadonlyMap<string, string>;
}

/** Reads one file of the store; a failure is noted and `otherwise` is returned. */
export type TryRead = <T>(what: string, read: Promise<T>, otherwise: T) => Promise<T>;

/** The evaluations of a run: artifacts of kind `answers` with scores, unless their questions are of the
 * `train` split or of kinds that failed. Answers that a choice took are shown where they were given. */
export async function readEvaluations(
  artifacts: ReadonlyMap<string, Artifact>,
  idOf: ReadonlyMap<string, string>,
  tryRead: TryRead,
): Promise<Evaluation[]> {
  const textsOf = new Map<string, ReadonlyMap<string, string>>();
  const evaluations: Evaluation[] = [];
  const idsOf = (keys: Readonly<Record<string, string>>) => Object.values(keys).flatMap((key) => idOf.get(key) ?? []);
  const comparedWith = (key: string): string[] => {
    const id = idOf.get(key);
    if (id === undefined) return [];
    const manifest = artifacts.get(id)?.manifest;
    if (manifest && 'chosen' in manifest.facts)
      return comparedWith(manifest.inputs[String(manifest.facts.chosen)] ?? '');
    return manifest && isPicked(manifest) ? idsOf(manifest.inputs) : [id];
  };
  for (const [id, { manifest, folder }] of artifacts) {
    const scores = Scores.safeParse(manifest.facts);
    if (manifest.kind !== 'answers' || !scores.success || isPicked(manifest)) continue;
    const inputs = idsOf(manifest.inputs);
    const inputOf = (kind: ArtifactKind) => inputs.find((input) => artifacts.get(input)?.manifest.kind === kind);
    const asked = inputOf('questions');
    const questions = asked === undefined ? undefined : artifacts.get(asked);
    const others = questions?.manifest.facts.split === 'train' || questions?.manifest.facts.targeted === true;
    if (others || 'chosen' in manifest.facts) continue;
    if (asked !== undefined && questions && !textsOf.has(asked)) {
      const rows = readAllJsonl(join(questions.folder, 'questions.jsonl'), QuestionText);
      const texts = await tryRead(`${asked}/questions.jsonl`, rows, []);
      textsOf.set(asked, new Map(texts.map(({ question_id, question }) => [question_id, question])));
    }
    evaluations.push({
      id,
      name: subjectOf(id, manifest.stage),
      comparedTo: comparedWith(String(manifest.facts.comparedTo)),
      withAdapter: inputOf('gguf-adapter') !== undefined,
      maxTokens: MaxTokens.safeParse(manifest.options).data?.maxTokens ?? null,
      scores: scores.data,
      answers: await tryRead(`${id}/answers.jsonl`, readAllJsonl(join(folder, 'answers.jsonl'), Answer), []),
      questions: (asked === undefined ? undefined : textsOf.get(asked)) ?? new Map(),
    });
  }
  return evaluations;
}

/** Answers of several models, picked by domain: the models themselves are shown. */
function isPicked({ facts }: ArtifactManifest): boolean {
  return typeof facts.from === 'object' && facts.from !== null;
}

/** Id of a node without the name of its stage: `evaluate.base` is `base`, `code.evaluate` is `code`. */
function subjectOf(id: string, stage: string): string {
  const parts = id.split('.').filter((part) => part !== stage);
  return parts.length > 0 ? parts.join('.') : id;
}

const Score = z.object({
  questions: z.number(),
  correct: z.number(),
  accuracy: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  inProse: z.number().optional(),
  failures: z.partialRecord(Failure, z.number()).optional(),
});
export type Score = z.infer<typeof Score>;

/** Facts of an artifact of kind `answers` that was scored. */
const Scores = z.object({
  all: Score.nullable(),
  byDomain: z.record(z.string(), z.object({ all: Score.nullable(), unseen: Score.nullish() })),
  unmeasured: z.number().default(0),
});
export type Scores = z.infer<typeof Scores>;

const MaxTokens = z.object({ maxTokens: z.number() });

const QuestionText = z.object({ question_id: z.string(), question: z.string() });
