import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRecipe } from './load-recipe.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-recipe-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string) => {
  const path = join(folder, 'recipe.yaml');
  writeFileSync(path, text);
  return path;
};
const SMALL = [
  'name: small',
  'base: { path: model }',
  'questions: { domains: { math: { easy: 9, hard: 9 } } }',
  'synthesize: { domains: { math: { easy: 9, hard: 9 } } }\n',
].join('\n');

describe('loadRecipe', () => {
  it('fills in every default and resolves paths against the folder of the file', async () => {
    const recipe = await loadRecipe(write(SMALL));
    expect(recipe.base?.path).toBe(join(folder, 'model'));
    expect(recipe.quantize.type).toBe('Q5_K_M');
  });

  it('reports all problems at once, and suggests the nearest key for an unknown one', async () => {
    const path = write(`${SMALL}quantise: { type: Q8_0 }\ntrain: { rnak: 3, epochs: none }\nseed: -1\n`);
    await expect(loadRecipe(path)).rejects.toMatchObject({
      code: 'RECIPE_INVALID',
      exitCode: 3,
      problems: expect.arrayContaining([
        expect.stringContaining('unknown key "quantise"; did you mean "quantize"?'),
        expect.stringContaining('unknown key "train.rnak"; did you mean "rank"?'),
        expect.stringContaining('train.epochs'),
        expect.stringContaining('seed'),
      ]),
    });
  });

  it('applies --set with YAML values and paths relative to the working folder', async () => {
    const recipe = await loadRecipe(write(SMALL), ['train.rank=7', 'import.sources=[{path: rows.jsonl, take: 5}]']);
    expect(recipe.train?.rank).toBe(7);
    expect(recipe.import.sources[0]).toMatchObject({ path: join(process.cwd(), 'rows.jsonl'), take: 5 });
  });

  it('needs no rows where nothing but modifiers learns, and refuses rows that nobody learns', async () => {
    const untuned = SMALL.replace(/^synthesize:.*\n/m, '');
    expect((await loadRecipe(write(untuned), ['train=null'])).train).toBeNull();
    await expect(loadRecipe(write(SMALL), ['train=null'])).rejects.toMatchObject({
      problems: [expect.stringContaining('nothing learns from `import.sources`')],
    });
  });

  it('reaches into lists with --set, and adds an entry at their end', async () => {
    const sources = 'import: { sources: [{ path: a.jsonl, take: 3 }, { path: b.jsonl }] }\n';
    const list = (
      await loadRecipe(write(SMALL.replace(/^import:.*\n/m, '') + sources), [
        'import.sources[0].maxCharacters=4000',
        'import.sources.1.take=7',
        'import.sources[1].path=c.jsonl',
        'import.sources[2]={path: d.jsonl}',
      ])
    ).import.sources;
    expect(list).toMatchObject([
      { take: 3, maxCharacters: 4000 },
      { take: 7, path: join(process.cwd(), 'c.jsonl') },
      { path: join(process.cwd(), 'd.jsonl') },
    ]);
  });

  it.each([
    ['import.sources[9].take=1', 'import.sources has 1 entries; [9] is none of them, and [1] adds one'],
    ['import.sources.take=1', 'import.sources is a list of 1: name a place'],
    ['train[0]=1', 'train is no list'],
    ['train.rank[0]=1', 'train.rank is no list'],
    ['import.sources[x].take=1', 'is not of the form'],
    ['import.sources[-1].take=1', 'is not of the form'],
    ['import.sources[0=1', 'is not of the form'],
  ])('refuses --set %s with the reason', async (override, reason) => {
    const text = `${SMALL.replace(/^import:.*\n/m, '')}import: { sources: [{ path: a.jsonl }] }\n`;
    const given = ['train.rank=4', override];
    await expect(loadRecipe(write(text), given)).rejects.toMatchObject({
      code: 'OVERRIDE_INVALID',
      message: expect.stringContaining(reason),
    });
  });

  it.each([
    ['train.lr=1', 'did you mean "learningRate"?'],
    ['train.learning_rate=1', 'did you mean "learningRate"?'],
    ['train.lora_alpha=1', 'did you mean "alpha"?'],
    ['train.num_train_epochs=1', 'did you mean "epochs"?'],
    ['train.epoch=1', 'did you mean "epochs"?'],
    ['train.gradient_accumulation_steps=1', 'did you mean "batchTokens"?'],
    ['dataset=x', 'did you mean "import"?'],
    ['import.sources[0].license=MIT', 'did you mean "licence"?'],
    ['train.frobnicate=1', 'there are '],
  ])('hints at the key that --set %s means', async (override, hint) => {
    const text = `${SMALL.replace(/^import:.*\n/m, '')}import: { sources: [{ path: a.jsonl }] }\n`;
    await expect(loadRecipe(write(text), [override])).rejects.toMatchObject({
      problems: [expect.stringContaining(hint)],
    });
  });

  it.each(['train.rank', '=3', '__proto__.polluted=1', 'a..b=1'])('refuses --set %s', async (override) => {
    await expect(loadRecipe(write(SMALL), [override])).rejects.toMatchObject({ code: 'OVERRIDE_INVALID' });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('refuses settings that contradict each other', async () => {
    await expect(loadRecipe(write('name: none\n'))).rejects.toThrow('neither `base` nor `pretrain`');
    const unevaluated = `${SMALL}modifiers: { code: { domain: coding } }\n`;
    await expect(loadRecipe(write(unevaluated))).rejects.toThrow('no held-out questions of coding');
    const sameDomain = `${SMALL}modifiers: { sums: { domain: math }, counts: { domain: math } }\n`;
    await expect(loadRecipe(write(sameDomain))).rejects.toThrow(
      'modifiers.sums and modifiers.counts are both for math',
    );
    await expect(loadRecipe(write('name: none\nbase: { path: model }\n'))).rejects.toMatchObject({
      problems: [
        expect.stringContaining('no held-out question'),
        expect.stringContaining('provides a row to train on'),
      ],
    });
  });

  it('refuses DoRA for a modifier, which is never merged, and takes it for the model that is', async () => {
    const modifier = (adapter: string) => [`modifiers={sums: {domain: math, train: {adapter: ${adapter}}}}`];
    await expect(loadRecipe(write(SMALL), modifier('dora'))).rejects.toMatchObject({
      problems: [expect.stringMatching(/^modifiers\.sums\.train\.adapter is dora, .*use lora or rslora$/)],
    });
    const recipe = await loadRecipe(write(SMALL), ['train.adapter=dora', ...modifier('rslora')]);
    expect([recipe.train?.adapter, recipe.modifiers.sums?.train.adapter]).toEqual(['dora', 'rslora']);
  });

  it('refuses an unknown teacher before anything starts', async () => {
    const tiers = ['modifiers={sums: {domain: math, distill: {tiers: [procedural:mastr]}}}'];
    await expect(loadRecipe(write(SMALL), tiers)).rejects.toThrow('procedural teachers are procedural:apprentice, ');
  });

  it.each([
    ['a missing file', null],
    ['broken YAML', 'name: [small'],
    ['a list', '- name'],
    ['keys given twice', 'name: a\nname: b\n'],
  ])('refuses %s with a usage error', async (_what, text) => {
    const path = text === null ? join(folder, 'none.yaml') : write(text);
    await expect(loadRecipe(path)).rejects.toMatchObject({ exitCode: 3 });
  });

  it('refuses exponentially growing aliases', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(', ')}]`,
    );
    await expect(loadRecipe(write(['a0: &a0 [x]', ...levels].join('\n')))).rejects.toMatchObject({
      code: 'RECIPE_INVALID',
    });
  });

  it('refuses an anchor that contains itself, in the file and in --set', async () => {
    await expect(loadRecipe(write(`${SMALL}train: &t { rank: *t }\n`))).rejects.toMatchObject({
      code: 'RECIPE_INVALID',
    });
    for (const override of ['seed=*a', 'base=&a [*a]'])
      await expect(loadRecipe(write(SMALL), [override])).rejects.toMatchObject({
        code: 'OVERRIDE_INVALID',
        exitCode: 3,
      });
  });

  it('says what the file contains when it is no recipe', async () => {
    await expect(loadRecipe(write(''))).rejects.toThrow('this file is empty');
    await expect(loadRecipe(folder)).rejects.toThrow('is not a file');
    await expect(loadRecipe(write(`${SMALL}seed: .nan\n`))).rejects.toThrow('got NaN');
    writeFileSync(join(folder, 'recipe.yaml'), Buffer.from([0x6e, 0xff, 0xfe]));
    await expect(loadRecipe(join(folder, 'recipe.yaml'))).rejects.toThrow('not UTF-8');
    const many = Array.from({ length: 5000 }, (_, at) => `key${at}: 1`).join('\n');
    await expect(loadRecipe(write(`${SMALL}${many}\n`))).rejects.toThrow('… and 4960 more');
  });

  it.each(['nano', 'seedling-nano', 'smollm2', 'tiny', 'seedling', 'data'])('reads recipes/%s.yaml', async (name) => {
    expect((await loadRecipe(join(import.meta.dirname, `../../../../recipes/${name}.yaml`))).name).toBe(name);
  });
});

describe('domains of one’s own', () => {
  const OWN = [
    'domains:',
    '  support: { examples: [{ path: support.jsonl, licence: CC0-1.0 }], checker: contains }',
    'modifiers: { support: { domain: support } }\n',
  ].join('\n');

  it('are declared with examples and a checker by its name, and named by modifiers', async () => {
    const { domains } = await loadRecipe(write(SMALL + OWN));
    expect(domains.support).toMatchObject({
      examples: [{ path: join(folder, 'support.jsonl'), licence: 'CC0-1.0' }],
      heldOut: 0.3,
      checker: { kind: 'contains', field: null },
    });
  });

  it('are enough to train on and to measure', async () => {
    const recipe = await loadRecipe(write(`name: own\nbase: { path: model }\n${OWN}`));
    expect(Object.keys(recipe.domains)).toEqual(['support']);
  });

  it('refuses names that nothing declares with the near one, and what a domain cannot have, all at once', async () => {
    const wrong = [
      'name: wrong',
      'base: { path: model }',
      'questions: { domains: { maths: { easy: 9 }, support: { easy: 9 } } }',
      'synthesize: { domains: { support: { easy: 9 }, coding: { easy: 9 } } }',
      'import: { sources: [{ path: a.jsonl, domain: suport }] }',
      'curate: { mix: { gardening: 1 } }',
      'domains:',
      '  coding: { examples: [{ path: a.jsonl }], checker: exact }',
      '  all: { examples: [{ path: a.jsonl }], checker: exact }',
      '  support: { examples: [{ path: a.jsonl, domain: math }], checker: exact }',
      'modifiers:',
      '  help: { domain: suppport }',
      '  support: { domain: support, seedPrompts: { easy: 5 } }',
    ].join('\n');
    await expect(loadRecipe(write(wrong))).rejects.toMatchObject({
      problems: [
        'domains.coding: "coding" is a built-in domain; give yours another name',
        'domains.all: "all" is no name for a domain; it stands for a total',
        'domains.support.examples.0.domain is math; its rows are examples of support',
        'questions.domains.maths: no domain is called "maths"; did you mean "math"?',
        expect.stringContaining('curate.mix.gardening: no domain is called "gardening"; there are coding, math'),
        'import.sources.0.domain: no domain is called "suport"; did you mean "support"?',
        'modifiers.help.domain: no domain is called "suppport"; did you mean "support"?',
        expect.stringContaining('questions.domains.support: its held-out examples are asked'),
        expect.stringContaining('synthesize.domains.support: no generator makes questions of it'),
        expect.stringContaining('modifiers.support.seedPrompts: all training examples of support'),
      ],
    });
  });

  it('refuses a task to leave out that no generator has, and a repair where nothing is tuned', async () => {
    const wrong = `${SMALL.replaceAll('} } }\n', '} }, without: [math/sums] }\n')}make: model\nrepair: {}\n`;
    await expect(loadRecipe(write(wrong))).rejects.toMatchObject({
      problems: [
        expect.stringContaining('repair: with `make: model` no model is tuned that could be repaired'),
        'questions.without.0: no generator is called "math/sums"; did you mean "math/sum"?',
        'synthesize.without.0: no generator is called "math/sums"; did you mean "math/sum"?',
      ],
    });
  });

  it('takes the base of a bundle that is extended, and refuses what would be made again', async () => {
    const extend = 'extend: { path: a.cogumi, without: [code] }';
    expect(await loadRecipe(write(`name: a\n${extend}\n`))).toMatchObject({ extend: { without: ['code'] } });
    const wrong = [
      'name: a',
      'make: data',
      'extend: { path: a.cogumi }',
      'base: { path: b }',
      'trimVocabulary: {}',
      'dropLayers: { layers: 1 }',
      'draft: {}',
      'failures: {}',
      'repair: {}',
    ];
    await expect(loadRecipe(write(wrong.join('\n')))).rejects.toMatchObject({
      problems: [
        expect.stringContaining('base: the base of the bundle that `extend` names is taken as it is'),
        expect.stringContaining('trimVocabulary: the base of the bundle'),
        expect.stringContaining('dropLayers: the base of the bundle'),
        expect.stringContaining('draft: the base of the bundle'),
        expect.stringContaining('`extend` adds no modifier and leaves none out'),
        expect.stringContaining('make is data'),
        expect.stringContaining('failures: with `extend` no model answers all held-out questions'),
        expect.stringContaining('repair: with `extend` no model is tuned that could be repaired'),
      ],
    });
  });

  it.each([
    ['{ examples: [], checker: exact }', 'a domain needs examples'],
    ['{ examples: [{ path: a }], checker: contain }', 'a checker is exact, contains'],
    ['{ examples: [{ path: a }], checker: { kind: regex, pattern: "(" } }', 'Unterminated group'],
    ['{ examples: [{ path: a }], checker: { kind: json-schema, schema: { type: text } } }', 'does not compile'],
    ['{ examples: [{ path: a }], checker: { kind: regex, pattern: "yes|" } }', 'accepts an empty answer'],
    ['{ examples: [{ path: a }], checker: { kind: regex, pattern: "\\\\w+" } }', 'accepts the answer "Qzvx'],
    ['{ examples: [{ path: a }], checker: { kind: json-schema, schema: {} } }', 'accepts the answer'],
    ['{ examples: [{ path: a }], checker: { kind: json-schema, schema: { type: object } } }', 'additionalProperties'],
    ['{ examples: [{ path: a }], checker: judge }', 'domains.support.checker.teacher'],
    ['{ examples: [{ path: a }], checker: python-tests }', 'domains.support.checker.field'],
    ['{ examples: [{ path: a }], checker: exact, heldOut: 1 }', 'domains.support.heldOut'],
  ])('refuses %s', async (domain, problem) => {
    await expect(loadRecipe(write(`${SMALL}domains: { support: ${domain} }\n`))).rejects.toThrow(problem);
  });
});
