import type { FailureCluster } from '@cogumi/contracts';
import { critiqueFailures, type FailedReply, labelFailures, type TeacherPool } from '@cogumi/teachers';
import type { Asked } from './count-strata.ts';

/** Failures of a cluster that its name is given by: the nearest to its centre (chosen). */
const NAMED_BY = 8;

interface Given {
  /** Of every clustered failure. */
  readonly failures: readonly Asked[];
  /** Of each cluster, indices into `failures`, the nearest to the centre first. */
  readonly members: readonly (readonly number[])[];
  readonly critic: string;
  readonly teacherPool: TeacherPool;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

export interface CritiquedClusters {
  /** Of each failure; null: the teacher said nothing of it. */
  readonly critiques: readonly (string | null)[];
  /** Of each cluster; null: the teacher gave no name. */
  readonly labels: readonly (string | null)[];
}

/** Lets a teacher say what is wrong with each failure, and name each cluster by those nearest to its centre. */
export async function critiqueClusters(given: Given): Promise<CritiquedClusters> {
  const { failures, members, critic, teacherPool, signal, onProgress } = given;
  const requestContext = { stage: 'failures', signal };
  const replies = failures.map(
    ({ question, answer }): FailedReply => ({
      ...{ question: question.question, answer: answer.answer, reason: answer.reason },
    }),
  );
  const { critiques } = await critiqueFailures(replies, { critic }, teacherPool, { ...requestContext, onProgress });
  const groups = members.map((own) =>
    own.slice(0, NAMED_BY).map((at) => ({ ...replies[at]!, critique: critiques[at] ?? null })),
  );
  return { critiques, labels: await labelFailures(groups, critic, teacherPool, requestContext) };
}

/** The clusters with the names that a teacher gave them, and its critiques of the failures that are shown. */
export function withCritiques(
  clusters: readonly FailureCluster[],
  { labels }: CritiquedClusters,
  critiqueOf: (question_id: string) => string | null,
): FailureCluster[] {
  return clusters.map((cluster, at) => ({
    ...cluster,
    label: labels[at] ?? cluster.label,
    examples: cluster.examples.map((example) => ({ ...example, critique: critiqueOf(example.question_id) })),
  }));
}
