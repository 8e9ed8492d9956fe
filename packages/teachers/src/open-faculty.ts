import type { Teacher } from '@cogumi/contracts';
import { type Clock, createRandom, realClock } from '@cogumi/pure';
import { createFaculty } from './create-faculty.ts';
import type { Faculty } from './faculty.ts';
import { findDesks } from './find-desks.ts';
import type { TeachersOptions } from './options.ts';
import { createLedger } from './records/ledger.ts';
import { openRecords } from './records/open-records.ts';
import { openReplies } from './records/replies.ts';

export interface FacultyNeeds {
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
  readonly tell?: (message: string) => void;
}

/** A faculty that can be closed, and asked whether its teachers answer. */
export interface OpenFaculty extends Faculty {
  /** Asks the providers whether keys and models are accepted, without running a model. @throws ProviderError. */
  check(teachers: readonly Teacher[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** @throws CogumiError TEACHERS_UNREADY before anything is asked; RECORDS_UNREADABLE. */
export function openFaculty(needs: FacultyNeeds): OpenFaculty {
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
    tell = () => {},
  } = needs;
  const desks = findDesks(teachers, options, environment);
  const database = openRecords(store);
  const faculty = createFaculty({
    desks,
    office: {
      database,
      replies: openReplies(database),
      ledger: createLedger(database, { recipe, run, budget }),
      clock,
      tell,
      random: createRandom(`${seed}/teachers`),
    },
    recipe,
    batch: options.batch,
  });
  return {
    ...faculty,
    async check(named, signal) {
      for (const teacher of new Set(named)) {
        const { provider, model } = desks.of(teacher);
        await provider.check(model, signal);
      }
    },
    async close() {
      await faculty.close();
      database.close();
    },
  };
}
