export { createHub, type Hub } from './hub.ts';
export { openHubOnce } from './open-hub-once.ts';
export { readHubSettings } from './settings.ts';
