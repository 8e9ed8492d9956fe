export { type AppOptions, createApp } from './create-app.ts';
export { type ServerOptions, startServer } from './start-server.ts';
