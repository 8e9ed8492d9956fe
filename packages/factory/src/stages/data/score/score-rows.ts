import { promptOf, type Row, type Teacher } from '@cogumi/contracts';
import type { TeacherPool } from '@cogumi/teachers';
import { answerCalls, lowestOf, readScores, type Scores } from '@cogumi/teachers/judging';

/** A row with the scores that a teacher gave it; null: it gave none. */
export interface ScoredRow {
  readonly row: Row;
  readonly scores: Scores | null;
  /** Why it is not kept; null: it is. */
  readonly reason: 'score' | 'unscored' | null;
}

interface Asked {
  readonly teacher: Teacher;
  readonly minScore: number;
  readonly signal: AbortSignal;
  onProgress?(done: number): void;
}

/** Has a teacher score rows. What was paid for before is not asked again, and equal rows are asked about once. */
export async function scoreRows(
  teacherPool: Pick<TeacherPool, 'complete'>,
  rows: readonly Row[],
  { teacher, minScore, signal, onProgress }: Asked,
): Promise<ScoredRow[]> {
  const calls = answerCalls(rows.map((row) => ({ turns: promptOf(row), answer: row.answer })));
  const replies = await teacherPool.complete(teacher, calls, {
    ...{ stage: 'score', tier: null, batchable: true, signal },
    ...(onProgress && { onProgress }),
  });
  return rows.map((row, at) => {
    const scores = readScores(replies[at] ?? null);
    const reason = scores === null ? 'unscored' : lowestOf(scores) < minScore ? 'score' : null;
    return { row, scores, reason };
  });
}
