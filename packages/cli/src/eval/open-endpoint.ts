import type { Teacher } from '@cogumi/contracts';
import { teacherModel } from '@cogumi/evals';
import { type OpenTeacherPool, openTeacherPool, TeachersOptions } from '@cogumi/teachers';
import type { OpenEvalModel } from './open-eval-model.ts';

export interface EndpointOptions {
  /** Its ledger and its paid replies are there. */
  readonly store: string;
  /** Name of this run: its models and its judge share the budget. */
  readonly run: string;
  /** USD of this run. */
  readonly budget: number;
  /** USD per million tokens; null: as it is known. */
  readonly price: { readonly input: number; readonly output: number } | null;
}

/** Opens a model of an endpoint, which is asked whether it takes key and model. @throws As `openTeacherPool`; ProviderError. */
export async function openEndpoint(
  teacher: Teacher,
  options: EndpointOptions,
  signal: AbortSignal,
): Promise<OpenEvalModel> {
  const pool = await openPool(teacher, options, signal);
  return { model: teacherModel(pool, teacher), digest: null, close: () => pool.close() };
}

/** Opens the pool of one endpoint, which is asked whether it takes key and model. @throws As `openTeacherPool`; ProviderError. */
export async function openPool(
  teacher: Teacher,
  { store, run, budget, price }: EndpointOptions,
  signal: AbortSignal,
): Promise<OpenTeacherPool> {
  const pool = openTeacherPool({
    // The budget is that of this run alone.
    ...{ store, recipe: run, run, budget, seed: 0, teachers: [teacher], environment: process.env },
    options: TeachersOptions.parse({ prices: price ? { [teacher]: price } : {} }),
    onWarning: (message) => console.error(message),
  });
  try {
    await pool.check([teacher], signal);
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}
