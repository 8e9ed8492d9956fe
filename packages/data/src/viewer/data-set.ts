import type { ArtifactManifest } from '@cogumi/contracts';
import type { FileStatistics } from './file-statistics.ts';
import type { LineIndex } from './line-index.ts';

/** Content of a stage's file: kept rows, rejected rows, or something else. */
export type Role = 'kept' | 'rejected' | 'other';

/** A JSONL file with its line index and statistics. */
export interface DataFile {
  readonly name: string;
  readonly path: string;
  readonly role: Role;
  readonly lines: LineIndex;
  readonly statistics: FileStatistics;
}

/** The files that one stage wrote. */
export interface DataSet {
  readonly name: string;
  /** The artifact's manifest; null for any other folder or file. */
  readonly manifest: ArtifactManifest | null;
  readonly files: readonly DataFile[];
}

/** File names that stages use. Files with other names are shown but counted neither as kept nor as rejected. */
const ROLES = new Map<string, Role>([
  ...['rows', 'train', 'validation', 'questions'].map((name) => [name, 'kept'] as const),
  ...['rejected', 'rejected-questions'].map((name) => [name, 'rejected'] as const),
]);

/** @param fileName - With its extension, e.g. `rejected.jsonl`. */
export function roleOf(fileName: string): Role {
  return ROLES.get(fileName.replace(/\.jsonl$/, '')) ?? 'other';
}
