import type { Teacher } from '@cogumi/contracts';
import { type Clock, createRandom, realClock } from '@cogumi/pure';
import { createTeacherPool } from './create-teacher-pool.ts';
import { findEndpoints } from './find-endpoints.ts';
import type { TeachersOptions } from './options.ts';
import { createLedger } from './records/ledger.ts';
import { openRecords } from './records/open-records.ts';
import { openReplies } from './records/replies.ts';
import type { TeacherPool } from './teacher-pool.ts';

export interface TeacherPoolOptions {
  /** Folder of the store; null: keep the records in memory. */
  readonly store: string | null;
  /** Name of the recipe that the budget belongs to. */
  readonly recipe: string;
  readonly run: string;
  /** USD. */
  readonly budget: number;
  readonly seed: number;
  /** All teachers that may be asked. */
  readonly teachers: readonly Teacher[];
  readonly options: TeachersOptions;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Reports long waits for a provider. */
  readonly onWarning?: (message: string) => void;
}

/** A teacher pool with its resources. */
export interface OpenTeacherPool extends TeacherPool {
  /** Asks the providers whether they accept keys and models, without running a model. @throws ProviderError. */
  check(teachers: readonly Teacher[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Opens the teachers of a build. @throws CogumiError TEACHERS_UNREADY, RECORDS_UNREADABLE; both before the first request. */
export function openTeacherPool(poolOptions: TeacherPoolOptions): OpenTeacherPool {
  const {
    store,
    recipe,
    run,
    budget,
    seed,
    teachers,
    options,
    environment,
    clock = realClock,
    onWarning = () => {},
  } = poolOptions;
  const endpoints = findEndpoints(teachers, options, environment);
  const database = openRecords(store);
  const teacherPool = createTeacherPool({
    endpoints,
    context: {
      database,
      replies: openReplies(database),
      ledger: createLedger(database, { recipe, run, budget }),
      clock,
      onWarning,
      random: createRandom(`${seed}/teachers`),
    },
    recipe,
    batch: options.batch,
  });
  return {
    ...teacherPool,
    async check(named, signal) {
      for (const teacher of new Set(named)) {
        const { provider, model } = endpoints.of(teacher);
        await provider.check(model, signal);
      }
    },
    async close() {
      await teacherPool.close();
      database.close();
    },
  };
}
