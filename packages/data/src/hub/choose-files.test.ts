import { describe, expect, it } from 'vitest';
import { chooseFiles } from './choose-files.ts';

describe('chooseFiles', () => {
  it('chooses the files of the train split by their usual names', () => {
    const paths = [
      'README.md',
      'data/test-00000-of-00001.parquet',
      'data/train-00001-of-00002.parquet',
      'data/train-00000-of-00002.parquet',
    ];
    expect(chooseFiles(paths, null)).toEqual([
      'data/train-00000-of-00002.parquet',
      'data/train-00001-of-00002.parquet',
    ]);
    expect(chooseFiles(['harmless-base/train.jsonl.gz', 'harmless-base/test.jsonl.gz'], null)).toEqual([
      'harmless-base/train.jsonl.gz',
    ]);
  });

  it('chooses all data files if none names a split, but no metadata', () => {
    expect(
      chooseFiles(['.gitattributes', 'dataset_infos.json', 'databricks-dolly-15k.jsonl', 'README.md'], null),
    ).toEqual(['databricks-dolly-15k.jsonl']);
    expect(chooseFiles(['constraint.json', 'contest.json'], null)).toHaveLength(2);
    expect(chooseFiles(['test.json'], null)).toEqual([]);
  });

  it('chooses one of several formats', () => {
    expect(chooseFiles(['train.csv', 'train.parquet', 'train.jsonl'], null)).toEqual(['train.parquet']);
    expect(chooseFiles(['train/0.jsonl', 'train/1.jsonl', 'train.parquet'], null)).toEqual([
      'train/0.jsonl',
      'train/1.jsonl',
    ]);
  });

  it('follows patterns', () => {
    const paths = ['1M-GPT4-Augmented.parquet', '3_5M-GPT3_5-Augmented.parquet', 'x/y.json'];
    expect(chooseFiles(paths, ['1M-*.parquet'])).toEqual(['1M-GPT4-Augmented.parquet']);
    expect(chooseFiles(paths, ['**/*.json'])).toEqual(['x/y.json']);
  });
});
