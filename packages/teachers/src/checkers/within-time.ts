import { createContext, Script } from 'node:vm';

const room = createContext({ work: null });
const call = new Script('work()');

/** What a call takes of its time at least, so that they end where the processor time cannot be read (chosen). */
const LEAST_SHARE = 0.05;

/**
 * Calls a function that a pattern or a schema of others may keep busy without end.
 *
 * It is called again where other programs took the time: a right answer must not be wrong because the machine is busy.
 *
 * @param maxMs - Processor time.
 * @param work - Synchronous and without effects; whatever it calls is stopped with it.
 * @returns What it returned; null when it was stopped after `maxMs` or nested calls without end.
 * @throws What `work` throws.
 */
export function withinTime<Result>(maxMs: number, work: () => Result): Result | null {
  Object.assign(room, { work });
  try {
    for (let spent = 0; spent < maxMs; ) {
      const began = process.cpuUsage();
      try {
        return call.runInContext(room, { timeout: maxMs }) as Result;
      } catch (cause) {
        if (cause instanceof RangeError) return null;
        if ((cause as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause;
      }
      const { user, system } = process.cpuUsage(began);
      spent += Math.max((user + system) / 1000, LEAST_SHARE * maxMs);
    }
    return null;
  } finally {
    Object.assign(room, { work: null });
  }
}
