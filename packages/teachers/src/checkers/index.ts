export { exampleCheck, type Unusable } from './example-check.ts';
export { findLooseChecks } from './find-loose-checks.ts';
export { CheckerOptions } from './options.ts';
export { REMEDIES } from './wrong-answers.ts';
