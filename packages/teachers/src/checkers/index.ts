export { exampleCheck, type Unusable } from './example-check.ts';
export { CheckerOptions } from './options.ts';
