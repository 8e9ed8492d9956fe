export { startHubServer } from './hub-server.ts';
