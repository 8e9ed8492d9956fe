export { startHubServer, TOKEN } from './hub-server.ts';
