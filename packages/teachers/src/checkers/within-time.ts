import { createContext, Script } from 'node:vm';

const room = createContext({ work: null });
const call = new Script('work()');

/**
 * Calls a function that a pattern or a schema of others may keep busy without end.
 *
 * @param work - Synchronous; whatever it calls is stopped with it.
 * @returns What it returned; null when it was stopped after `maxMs` or nested calls without end.
 * @throws What `work` throws.
 */
export function withinTime<Result>(maxMs: number, work: () => Result): Result | null {
  Object.assign(room, { work });
  try {
    return call.runInContext(room, { timeout: maxMs }) as Result;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' || cause instanceof RangeError)
      return null;
    throw cause;
  } finally {
    Object.assign(room, { work: null });
  }
}
