import type { CogumiError } from '@cogumi/contracts';
import type { RunningServer, Runtime } from '@cogumi/runtime';

export interface Reloads {
  /** Opens what is served again, and hands it new requests. What cannot be opened leaves the one before serving. Never throws. */
  reload(): Promise<void>;
  /** Ends a reload under way, and closes all that was opened. */
  close(): Promise<void>;
}

/**
 * Replaces the runtime of a running server. Both models are in memory until the last request of the old one has ended.
 *
 * @param open - Opens what is served, as it is now.
 * @param events - `onReload`: the new one answers. `onProblem`: it cannot be opened.
 */
export function reloads(
  first: Runtime,
  running: Pick<RunningServer, 'replace'>,
  open: (signal: AbortSignal) => Promise<Runtime>,
  events: {
    readonly onReload: (before: Runtime, now: Runtime) => void;
    readonly onProblem: (error: CogumiError | Error) => void;
  },
): Reloads {
  const closed = new AbortController();
  let current = first;
  /** All that are open; the last answers new requests. */
  const opened = new Set([first]);
  const end = async (runtime: Runtime) => {
    if (opened.delete(runtime)) await runtime.close();
  };
  let reloading: Promise<void> | null = null;
  let again = false;

  const once = async () => {
    const before = current;
    try {
      current = await open(closed.signal);
    } catch (error) {
      if (!closed.signal.aborted) events.onProblem(error as Error);
      return;
    }
    opened.add(current);
    void running.replace(current).then(() => end(before));
    events.onReload(before, current);
  };
  const all = async () => {
    do {
      again = false;
      await once();
    } while (again && !closed.signal.aborted);
    reloading = null;
  };
  return {
    reload: () => {
      // A signal during a reload may mean a newer file: once more, however many came.
      if (reloading) again = true;
      reloading ??= all();
      return reloading;
    },
    close: async () => {
      closed.abort();
      await reloading;
      await Promise.all([...opened].map(end));
    },
  };
}
