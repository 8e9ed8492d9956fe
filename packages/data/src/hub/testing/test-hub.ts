import { createHub, type Hub } from '../hub.ts';
import type { HubSettings } from '../settings.ts';

/**
 * A Hub client that never waits.
 *
 * @param waits - Receives the waits that were skipped, in milliseconds.
 */
export function testHub(
  settings: Pick<HubSettings, 'endpoint' | 'cacheFolder'> & Partial<HubSettings>,
  waits: number[] = [],
): Hub {
  const clock = { now: () => 0, date: () => 0, sleep: async (ms: number) => void waits.push(ms) };
  return createHub({ token: null, offline: false, ...settings }, { clock, chance: () => 0 });
}
