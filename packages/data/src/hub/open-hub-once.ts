import { createHub, type Hub } from './hub.ts';
import type { Patience } from './retry.ts';
import { readHubSettings } from './settings.ts';

/** Opens the Hub client for the first file that needs it: builds on local files need none. */
export function openHubOnce(patience?: Patience): () => Promise<Hub> {
  let hub: Promise<Hub> | null = null;
  return () => {
    hub ??= readHubSettings(process.env).then((settings) => createHub(settings, patience));
    return hub;
  };
}
