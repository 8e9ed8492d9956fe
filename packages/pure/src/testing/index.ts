export { serve } from './serve.ts';
export { sharedData } from './shared-data.ts';
export { timeGrowth } from './time-growth.ts';
