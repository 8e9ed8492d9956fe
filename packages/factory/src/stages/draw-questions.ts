import { type Domain, Question, Row } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { hashJson, normaliseText } from '@cogumi/pure';
import type { TeacherPool } from '@cogumi/teachers';
import type { InputArtifact } from './context.ts';
import { groupNearEqual } from './near-equal.ts';

/** A kind of question: its task and how hard it is. */
export type Kind = Pick<Question, 'domain' | 'task' | 'difficulty'>;

interface Given {
  readonly split: 'train' | 'test';
  readonly unseenShare: number;
  /** Equal seeds give equal questions. */
  readonly seed: string;
  readonly teacherPool: TeacherPool;
  readonly signal: AbortSignal;
}

/** New questions of a kind from its generator: as many as are wanted, or fewer where it has no more. */
export function drawGenerated(
  { domain, task, difficulty }: Kind,
  count: number,
  { split, unseenShare, seed, teacherPool, signal }: Given,
): Promise<readonly Question[]> {
  return teacherPool.makeQuestions(
    {
      domains: { [domain]: { easy: 0, hard: 0, [difficulty]: count } },
      ...{ split, unseenShare, seed: `${seed}/${task}` },
      takes: (name) => name === task,
      mayRunOut: true,
    },
    signal,
  );
}

/**
 * Training examples of domains of one's own that a model was not trained on, in an order that hangs on their texts alone.
 *
 * @param examples - By domain.
 * @param trained - Rows that it was trained on, those held back among them.
 * @param apart - Texts of questions that are taken (`readTexts`); an example that is near-equal to one of them is not new.
 */
export async function readUnused(
  examples: ReadonlyMap<Domain, InputArtifact>,
  trained: Iterable<InputArtifact>,
  apart: ReadonlySet<string>,
): Promise<ReadonlyMap<Domain, readonly Question[]>> {
  const known = new Set<string>();
  for (const rows of trained)
    for (const file of ['train.jsonl', 'validation.jsonl'])
      for (const { question } of await readAllJsonl(rows.path(file), Row)) known.add(normaliseText(question));
  const unused = new Map<Domain, readonly Question[]>();
  for (const [domain, artifact] of examples) {
    const all = await readAllJsonl(artifact.path('training.jsonl'), Question);
    const standsFor = groupNearEqual(all.map(({ question }) => question));
    const texts = all.map(({ question }) => normaliseText(question));
    const taken = new Set(texts.flatMap((text, at) => (apart.has(text) ? [standsFor[at]] : [])));
    const own = all
      .filter((_, at) => !known.has(texts[at]!) && !taken.has(standsFor[at]))
      .map((question) => ({ question, place: hashJson(question.question) }));
    unused.set(
      domain,
      own.sort((one, other) => (one.place < other.place ? -1 : 1)).map(({ question }) => question),
    );
  }
  return unused;
}

/** The texts of questions, to keep others apart from them. */
export async function readTexts(questions: Iterable<InputArtifact>): Promise<ReadonlySet<string>> {
  const texts = new Set<string>();
  for (const artifact of questions)
    for (const { question } of await readAllJsonl(artifact.path('questions.jsonl'), Question))
      texts.add(normaliseText(question));
  return texts;
}
