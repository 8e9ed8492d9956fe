export { forkOwned, runInForeground, runOwned, spawnOwned } from './owned-child.mjs';
