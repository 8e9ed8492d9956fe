export { sampleBundle, sha, tarOf } from './sample-bundle.ts';
export { tinyAdapter, tinyModel } from './tiny-model.ts';
export { writeSample } from './write-sample.ts';
