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
  /** Folder of the store; null: nothing is kept. */
  readonly store: string | null;
  /** Whose budget it is. */
  readonly recipe: string;
  readonly run: string;
  /** USD. */
  readonly budget: number;
  readonly seed: number;
  /** All that may be asked. */
  readonly teachers: readonly Teacher[];
  readonly options: TeachersOptions;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Hears of trouble that is being waited out. */
  readonly onWarning?: (message: string) => void;
}

/** A teacher pool that can be closed, and asked whether its teachers answer. */
export interface OpenTeacherPool extends TeacherPool {
  /** Asks the providers whether keys and models are accepted, without running a model. @throws ProviderError. */
  check(teachers: readonly Teacher[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** @throws CogumiError TEACHERS_UNREADY before anything is asked; RECORDS_UNREADABLE. */
export function openTeacherPool(needs: TeacherPoolOptions): OpenTeacherPool {
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
  } = needs;
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
