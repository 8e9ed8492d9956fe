import { describe, expect, it } from 'vitest';
import { ImportSource, PRESETS } from './options.ts';
import presets from './presets.json' with { type: 'json' };
import { expandPreset, Presets } from './presets.ts';

const source = (given: object) => expandPreset(ImportSource.parse(given));

describe('presets', () => {
  it('are those that a recipe may name, each with licence and source', () => {
    expect(Object.keys(Presets.parse(presets)).sort()).toEqual(PRESETS.toSorted());
    for (const { licence, source: where } of Object.values(Presets.parse(presets))) {
      expect(licence).not.toBe('');
      expect(where).not.toBe('');
    }
  });

  it('fill in what the recipe leaves out', () => {
    expect(source({ preset: 'metamathqa', take: 5 })).toMatchObject({
      hub: 'meta-math/MetaMathQA',
      files: ['MetaMathQA-395K.json'],
      format: 'metamath',
      licence: 'MIT',
      terms: 'openai',
      domain: 'math',
      name: 'metamathqa',
      take: 5,
    });
    expect(source({ preset: 'dolly', licence: 'CC0-1.0', domain: 'reading' })).toMatchObject({
      licence: 'CC0-1.0',
      domain: 'reading',
    });
    expect(source({ preset: 'dolly' })).not.toHaveProperty('preset');
  });

  it('apply to a local copy and to another repository', () => {
    expect(source({ preset: 'dolly', path: 'd.jsonl' })).toMatchObject({
      path: 'd.jsonl',
      licence: 'CC-BY-SA-3.0',
      files: null,
    });
    expect(source({ preset: 'dolly', path: 'd.jsonl' })).not.toHaveProperty('hub');
    expect(source({ preset: 'dolly', hub: 'me/dolly' })).toMatchObject({
      hub: 'me/dolly',
      files: null,
      format: 'dolly',
    });
  });
});

describe('a source', () => {
  it.each([
    [{}, 'needs one of `path`, `hub` and `preset`'],
    [{ path: 'a', hub: 'b/c' }, 'either a `path` or a `hub`'],
    [{ hub: '../etc' }, 'is not the id of a dataset'],
    [{ path: 'a', stream: true }, '`files` and `stream` are only for sources with `hub`'],
    [{ path: 'a', format: 'hh', mapping: { question: 'q', answer: 'a' } }, 'contradicts format "hh"'],
  ])('%j is refused', (given, message) => {
    const { error } = ImportSource.safeParse(given);
    expect(error?.issues.map((issue) => issue.message)).toEqual([expect.stringContaining(message)]);
  });
});
