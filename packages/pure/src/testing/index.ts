export { descendants, isRunning, stillRunning } from './process-end.ts';
export { serve } from './serve.ts';
export { sharedData } from './shared-data.ts';
export { shellWithChild } from './shell-with-child.ts';
export { slowness } from './slowness.ts';
export { processorMs, timeGrowth } from './time-growth.ts';
