export { createHub, type Hub } from './hub.ts';
export { readHubSettings } from './settings.ts';
