import type { ArtifactManifest } from '@cogumi/contracts';
import type { FileStatistics } from './file-statistics.ts';
import type { LineIndex } from './line-index.ts';

/** What a file of a stage holds: what went on, what did not, or something else. */
export type Role = 'kept' | 'rejected' | 'other';

/** A JSONL file, known line by line. */
export interface DataFile {
  readonly name: string;
  readonly path: string;
  readonly role: Role;
  readonly lines: LineIndex;
  readonly statistics: FileStatistics;
}

/** What one stage wrote. */
export interface DataSet {
  readonly name: string;
  /** Of an artifact; null for any other folder or file. */
  readonly manifest: ArtifactManifest | null;
  readonly files: readonly DataFile[];
}

/** Names under which stages write; an unknown one is shown and counts for nothing. */
const ROLES = new Map<string, Role>([
  ...['rows', 'train', 'validation', 'questions'].map((name) => [name, 'kept'] as const),
  ...['rejected', 'rejected-questions'].map((name) => [name, 'rejected'] as const),
]);

/** @param fileName - With its ending, e.g. `rejected.jsonl`. */
export function roleOf(fileName: string): Role {
  return ROLES.get(fileName.replace(/\.jsonl$/, '')) ?? 'other';
}
