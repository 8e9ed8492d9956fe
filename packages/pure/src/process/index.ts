export { freePorts } from './free-ports.ts';
export { forkOwned, runInForeground, runOwned, spawnOwned } from './owned-child.mjs';
export { type ServerProcess, startServerProcess } from './server-process.ts';
