import { afterAll, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { loadModel } from './model.ts';

const files = await storiesFolder();
afterAll(() => files.remove());

it('keeps of each token no more than its bytes', async () => {
  const model = await loadModel({ modelPath: files.modelPath, sequences: 1, threads: 1, mixing: false });
  const pieces = Array.from({ length: model.vocabulary.size }, (_, token) => model.vocabulary.piece(token, false));
  model.close();
  expect(pieces.map(({ buffer }) => buffer.byteLength)).toEqual(pieces.map(({ length }) => length));
  expect(pieces.some(({ length }) => length > 3)).toBe(true);
});
