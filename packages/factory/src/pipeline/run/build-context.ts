import type { BuildEvent } from '@cogumi/contracts';
import type { TeacherPool } from '@cogumi/teachers';
import type { Store } from '../../artifacts/store.ts';
import type { Engine } from '../../engine/index.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { RunLog } from './run-log.ts';

export interface BuildOptions {
  /** Folder of the store, e.g. `.cogumi`. */
  readonly store: string;
  /** Where artifacts lie besides, as `s3://bucket/prefix`. */
  readonly bucket?: string;
  /** Program and arguments of the `cogumi` command: the finished bundle is proven by serving it as a user would. */
  readonly command: readonly string[];
  /** Id of the stage to end with; all without. */
  readonly until?: string;
  readonly onEvent: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What stages share during a build. */
export interface BuildContext extends Omit<BuildOptions, 'store'> {
  readonly recipe: Recipe;
  readonly store: Store;
  readonly engine: Engine;
  /** What the keys of this build say of the engine. */
  readonly versions: string;
  readonly teacherPool: TeacherPool;
  readonly log: RunLog;
  readonly threads: number;
  readonly emit: (event: BuildEvent) => void;
  readonly memory: () => number | null;
}
