import { join } from 'node:path';
import type { BundleConfig } from '@cogumi/contracts';
import { describe, expect, it } from 'vitest';
import { extensionRecipe, loadRecipe } from '../../recipe/load-recipe.ts';
import type { Node } from './node.ts';
import { stagesOf } from './stages.ts';

const RECIPES = join(import.meta.dirname, '../../../../../recipes');
const nano = (...sets: string[]) => loadRecipe(join(RECIPES, 'seedling-nano.yaml'), sets);

/** The graph as people read it: `id = stage(input: node, …)`, with the optional step that a node belongs to. */
async function graphOf(...sets: string[]): Promise<string[]> {
  return describeNodes(stagesOf(await nano(...sets)));
}

function describeNodes(nodes: readonly Node[]): string[] {
  return nodes.map(({ id, stage, inputs, candidate }) => {
    const read = Object.entries(inputs).map(([name, node]) => (name === node ? name : `${name}: ${node}`));
    const evidence = read.filter((input) => input.startsWith('evidence.'));
    const shown = [
      ...read.filter((input) => !evidence.includes(input)),
      ...(evidence.length > 0 ? [`${evidence.length} × evidence`] : []),
    ];
    return `${candidate === null ? '' : `[${candidate}] `}${id} = ${stage.name}(${shown.join(', ')})`;
  });
}

const modifier = (name: string) => [
  `${name}.pass-at-1 = evaluate(gguf: quantize, questions: ${name}.prompts)`,
  `${name}.distill = distill(passAtOne: ${name}.pass-at-1, questions: ${name}.prompts)`,
  `${name}.train = train(model: dequantize, rows: ${name}.distill)`,
  `${name}.export = export-adapter(model: dequantize, adapter: ${name}.train)`,
  `${name}.evaluate = evaluate(gguf: quantize, adapter: ${name}.export, questions, against: reference)`,
];

describe('the graph of a recipe', () => {
  it('finds answers in prose on every side that is compared and in what is replayed, and in none that is to be learned', async () => {
    const evaluated = stagesOf(await nano('repair={}')).filter(({ stage }) => stage.name === 'evaluate');
    const asGiven = evaluated.filter(({ options }) => !('extraction' in (options as object))).map(({ id }) => id);
    expect(asGiven).toEqual(['repair.pass-at-1', 'code.pass-at-1', 'reasoning.pass-at-1', 'automation.pass-at-1']);
  });

  it('is for nano these nodes, with these inputs', async () => {
    expect(await graphOf()).toEqual([
      'questions = questions()',
      'code.prompts = questions()',
      'reasoning.prompts = questions()',
      'automation.prompts = questions()',
      'base = base()',
      'export.base = export(model: base, questions)',
      'evaluate.base = evaluate(gguf: export.base, questions)',
      'import = import()',
      'curate = curate(rows: import)',
      'dedup = dedup(rows: curate)',
      'filter = filter(rows: dedup)',
      'synthesize = synthesize()',
      'mix = mix(imported: filter, synthesized: synthesize, questions)',
      'train = train(model: base, rows: mix)',
      'merge = merge(model: base, adapter: train, rows: mix)',
      'export.tuned = export(model: merge, questions)',
      'evaluate.tuned = evaluate(gguf: export.tuned, questions, against: evaluate.base)',
      'reference = reference(start: evaluate.base, tuned: evaluate.tuned)',
      'quantize = quantize(gguf: export.tuned, questions)',
      'evaluate.quantized = evaluate(gguf: quantize, questions, against: reference)',
      'dequantize = dequantize(gguf: quantize, model: merge)',
      ...modifier('code'),
      ...modifier('reasoning'),
      ...modifier('automation'),
      'compare = compare(start: evaluate.base, base: evaluate.quantized, modifier.code: code.evaluate, modifier.reasoning: reasoning.evaluate, modifier.automation: automation.evaluate, reference)',
      'route = route(gguf: quantize, rows: mix, modifier.code: code.prompts, modifier.reasoning: reasoning.prompts, modifier.automation: automation.prompts)',
      'bundle = bundle(gguf: quantize, router: route, modifier.code: code.export, modifier.reasoning: reasoning.export, modifier.automation: automation.export, 38 × evidence)',
      'validate = validate(bundle, questions)',
    ]);
  });

  it('tries a further round of a modifier on the adapter before it, and keeps it when its score proves it', async () => {
    const lines = await graphOf('modifiers.code.rounds=2');
    expect(lines.filter((line) => /^(\[code\.2\] )?code\./.test(line)).slice(1)).toEqual([
      ...modifier('code').slice(0, 4),
      'code.1.evaluate = evaluate(gguf: quantize, adapter: code.export, questions)',
      '[code.2] code.2.pass-at-1 = evaluate(gguf: quantize, adapter: code.export, questions: code.prompts)',
      '[code.2] code.2.distill = distill(passAtOne: code.2.pass-at-1, questions: code.prompts, earlier: code.distill)',
      '[code.2] code.2.train = train(model: dequantize, rows: code.2.distill)',
      '[code.2] code.2.export = export-adapter(model: dequantize, adapter: code.2.train)',
      '[code.2] code.2.evaluate = evaluate(gguf: quantize, adapter: code.2.export, questions, against: code.1.evaluate)',
      'code.2.keep = choose(candidate: code.2.export, fallback: code.export, 1 × evidence)',
      'code.2.keep-rows = choose(candidate: code.2.distill, fallback: code.distill, 1 × evidence)',
      'code.2.keep-score = choose(candidate: code.2.evaluate, fallback: code.1.evaluate, 1 × evidence)',
      'code.evaluate = evaluate(gguf: quantize, adapter: code.2.keep, questions, against: reference)',
    ]);
  });

  it('lets a further round of a modifier learn the kinds that it fails, tier by tier', async () => {
    const nodes = stagesOf(
      await nano('modifiers.code.rounds=3', 'modifiers.code.targeted={}', 'modifiers.code.tierByTier=true'),
    );
    const lines = describeNodes(nodes);
    expect(lines.filter((line) => line.startsWith('[code.2] '))).toEqual(
      [
        'code.2.failures = failures(gguf: quantize, questions, answers: code.1.evaluate)',
        'code.2.fresh = target(failures: code.2.failures, questions)',
        'code.2.prompts = target(failures: code.2.failures, questions, apart.fresh: code.2.fresh)',
        'code.2.pass-at-1 = evaluate(gguf: quantize, adapter: code.export, questions: code.2.prompts)',
        'code.2.distill = distill(passAtOne: code.2.pass-at-1, questions: code.2.prompts, earlier: code.distill)',
        'code.2.train = train(model: dequantize, rows: code.2.distill)',
        'code.2.export = export-adapter(model: dequantize, adapter: code.2.train)',
        'code.2.evaluate = evaluate(gguf: quantize, adapter: code.2.export, questions)',
        'code.2.before = evaluate(gguf: quantize, adapter: code.export, questions: code.2.fresh)',
        'code.2.after = evaluate(gguf: quantize, adapter: code.2.export, questions: code.2.fresh)',
        'code.2.retest = retest(failures: code.2.failures, fresh: code.2.fresh, before: code.2.before, after: code.2.after, questions, heldOutBefore: code.1.evaluate, heldOutAfter: code.2.evaluate)',
      ].map((line) => `[code.2] ${line}`),
    );
    expect(lines).toContain('code.2.keep = choose(candidate: code.2.export, fallback: code.export, 2 × evidence)');
    const tiers = (id: string) => (nodes.find((node) => node.id === id)!.options as { tiers: string[] }).tiers;
    expect(['code.distill', 'code.2.distill', 'code.3.distill'].map(tiers)).toEqual([
      ['procedural:apprentice'],
      ['procedural:journeyman'],
      ['procedural:master'],
    ]);
  });

  it('repairs the tuned model where it fails, and keeps what new questions prove', async () => {
    const lines = await graphOf('repair={rounds: 2}');
    const of = (round: string) =>
      lines.filter((line) => line.startsWith(`[${round}] `)).map((line) => line.slice(round.length + 3));
    expect(of('repair')).toEqual([
      'repair.check = alike(questions, trained.data: mix)',
      'repair.failures = failures(gguf: export.tuned, questions, answers: evaluate.tuned)',
      'repair.fresh = target(failures: repair.failures, questions, apart.check: repair.check, trained.data: mix)',
      'repair.prompts = target(failures: repair.failures, questions, apart.check: repair.check, trained.data: mix, apart.fresh: repair.fresh)',
      'repair.pass-at-1 = evaluate(gguf: export.tuned, questions: repair.prompts)',
      'repair.replay = alike(questions, trained.data: mix, apart.check: repair.check, apart.fresh: repair.fresh, apart.prompts: repair.prompts)',
      'repair.replayed = evaluate(gguf: export.tuned, questions: repair.replay)',
      'repair.distill = distill(passAtOne: repair.pass-at-1, questions: repair.prompts, old.data: mix, replay: repair.replay, replayed: repair.replayed)',
      'repair.train = train(model: merge, rows: repair.distill)',
      'repair.export = export-adapter(model: merge, adapter: repair.train)',
      'repair.strength = strength(gguf: export.tuned, adapter: repair.export, questions: repair.check)',
      'repair.merge = merge(model: merge, adapter: repair.train, rows: repair.distill, strength: repair.strength)',
      'export.repaired = export(model: repair.merge, questions)',
      'repair.evaluate = evaluate(gguf: export.repaired, questions, against: evaluate.tuned)',
      'repair.before = evaluate(gguf: export.tuned, questions: repair.fresh)',
      'repair.after = evaluate(gguf: export.repaired, questions: repair.fresh)',
      'repair.retest = retest(failures: repair.failures, fresh: repair.fresh, before: repair.before, after: repair.after, questions, heldOutBefore: evaluate.tuned, heldOutAfter: repair.evaluate)',
    ]);
    const second = of('repair.2');
    expect(second[1]).toBe(
      'repair.2.failures = failures(gguf: repair.keep-gguf, questions, answers: repair.keep-score)',
    );
    expect(second).toContain(
      'repair.2.distill = distill(passAtOne: repair.2.pass-at-1, questions: repair.2.prompts, old.data: mix, old.repaired: repair.keep-rows, replay: repair.2.replay, replayed: repair.2.replayed)',
    );
    expect(lines).toContain('repair.keep-model = choose(candidate: repair.merge, fallback: merge, 3 × evidence)');
    expect(lines).toContain('repair.keep-rows = choose(candidate: repair.distill, fallback: mix, 3 × evidence)');
    expect(lines).toContain('reference = reference(start: evaluate.base, tuned: repair.2.keep-score)');
    expect(lines).toContain('quantize = quantize(gguf: repair.2.keep-gguf, questions)');
    const alone = stagesOf({ ...(await nano('repair={}')), train: null }).map(({ id, inputs }) => [id, inputs]);
    expect(Object.fromEntries(alone)['repair.distill']).toEqual({
      passAtOne: 'repair.pass-at-1',
      questions: 'repair.prompts',
      replay: 'repair.replay',
      replayed: 'repair.replayed',
    });
    const fixed = await graphOf('repair={strength: 0.5, replay: 0}');
    expect(fixed.filter((line) => /repair\.(strength|export|replay) =/.test(line))).toEqual([]);
  });

  it('leaves the base as it is without `train`, and reads no rows that nobody learns', async () => {
    const lines = stagesOf({ ...(await nano()), train: null }).map(({ id, inputs }) => [id, inputs] as const);
    const inputs = Object.fromEntries(lines);
    expect(Object.keys(inputs)).not.toContain('mix');
    expect(Object.keys(inputs)).not.toContain('merge');
    expect(inputs.quantize).toEqual({ gguf: 'export.base', questions: 'questions' });
    expect(inputs['code.evaluate']).toMatchObject({ against: 'evaluate.base' });
    expect(inputs.route).not.toHaveProperty('rows');
  });

  it('counts rows for a smaller vocabulary where nothing is fine-tuned, and keeps it only against the base', async () => {
    const recipe = await nano('goals.quantized=null', 'trimVocabulary={}');
    const inputs = Object.fromEntries(stagesOf({ ...recipe, train: null }).map(({ id, inputs }) => [id, inputs]));
    expect(inputs['trim-vocabulary']).toEqual({ model: 'base', rows: 'mix' });
    expect(inputs['evaluate.trim-vocabulary']).toMatchObject({ against: 'evaluate.base' });
    const exported = { gguf: 'export.trim-vocabulary', against: 'export.base', questions: 'questions' };
    expect(inputs['minimal-pairs.trim-vocabulary']).toEqual(exported);
    expect(inputs['trim-vocabulary.keep-gguf']).toHaveProperty(['evidence.minimal-pairs.trim-vocabulary']);
    expect(inputs.quantize).toEqual({ gguf: 'trim-vocabulary.keep-gguf', questions: 'questions' });
    expect(inputs.dequantize).toMatchObject({ model: 'trim-vocabulary.keep-model' });
  });

  it('looks for what failures have in common where the recipe asks for it, in the answers of what ships', async () => {
    expect((await graphOf('failures={}')).filter((line) => line.startsWith('failures'))).toEqual([
      'failures = failures(gguf: quantize, questions, answers: evaluate.quantized, modifier.code: code.evaluate, modifier.reasoning: reasoning.evaluate, modifier.automation: automation.evaluate)',
    ]);
    const alone = stagesOf({ ...(await nano('failures={}')), make: 'model' });
    expect(describeNodes(alone).at(-1)).toBe(
      'failures = failures(gguf: export.base, questions, answers: evaluate.base)',
    );
  });

  it('compares judges and scorers with people where labels are named, and makes their key go by the content', async () => {
    const judged = '{ kind: judge, teacher: "vllm:j", labels: { path: labels.jsonl } }';
    const recipe = await nano(
      `domains.things={ examples: [{ path: own.jsonl, licence: CC0-1.0 }], checker: ${judged} }`,
      'modifiers.things={ domain: things }',
      'score={ teacher: "vllm:j", labels: { path: review.jsonl } }',
    );
    const nodes = stagesOf(recipe);
    const lines = describeNodes(nodes);
    expect(lines).toContain('things.passport = passport()');
    expect(lines).toContain('things.examples = examples(passport: things.passport)');
    expect(lines).toContain('score = score(rows: filter, passport: score.passport)');
    expect(lines.find((line) => line.startsWith('mix = '))).toContain('imported: score');
    const find = (id: string) => nodes.find((node) => node.id === id);
    expect(JSON.stringify(find('things.examples')?.options)).not.toContain('labels.jsonl');
    expect(find('things.passport')?.sources).toEqual({ labels: expect.stringMatching(/labels\.jsonl$/) });
    expect((await graphOf()).join()).not.toMatch(/passport|score\(/);
  });

  it('lets a modifier learn the base’s own answers, with how often samples agree before and after', async () => {
    const lines = await graphOf('modifiers.code.consistency={}');
    expect(lines.filter((line) => line.startsWith('code.'))).toEqual([
      'code.prompts = questions()',
      'code.samples = sample(gguf: quantize, questions: code.prompts)',
      'code.vote = vote(samples: code.samples, questions: code.prompts)',
      'code.train = train(model: dequantize, rows: code.vote)',
      'code.export = export-adapter(model: dequantize, adapter: code.train)',
      'code.consistency-before = sample(gguf: quantize, questions)',
      'code.consistency = sample(gguf: quantize, adapter: code.export, questions, against: code.consistency-before)',
      'code.evaluate = evaluate(gguf: quantize, adapter: code.export, questions, against: reference)',
    ]);
    await expect(nano('modifiers.code.consistency={}', 'modifiers.code.rounds=2')).rejects.toThrow(
      'with `consistency` the base learns its own answers once',
    );
  });

  it('makes a draft model of the base that is served, whose failure costs nothing but itself', async () => {
    const lines = await graphOf('draft={}');
    expect(lines.filter((line) => line.includes('draft')).slice(0, 4)).toEqual([
      '[draft] draft = draft(model: dequantize, rows: mix)',
      '[draft] export.draft = export(model: draft, questions)',
      '[draft] quantize.draft = quantize(gguf: export.draft, questions)',
      '[draft] speculate = speculate(gguf: quantize, draft: quantize.draft, trained: draft, questions)',
    ]);
    expect(lines.at(-2)).toContain('draft: speculate');
  });

  it('asks a base that is served as it is in its quantized form only, where nothing is compared with full precision', async () => {
    const recipe = await nano('goals.quantized=null');
    const inputs = Object.fromEntries(stagesOf({ ...recipe, train: null }).map(({ id, inputs }) => [id, inputs]));
    expect(Object.keys(inputs)).not.toContain('evaluate.base');
    expect(inputs['evaluate.quantized']).toEqual({ gguf: 'quantize', questions: 'questions' });
    expect(inputs['code.evaluate']).toMatchObject({ against: 'evaluate.quantized' });
    expect(inputs.compare).toMatchObject({ start: 'evaluate.quantized', base: 'evaluate.quantized' });
    // What is fine-tuned is still compared with what it was.
    expect(stagesOf(recipe).map(({ id }) => id)).toContain('evaluate.base');
  });

  it('gives every node the evidence that the bundle ships, under the id that overrides take', async () => {
    const nodes = stagesOf(await nano());
    const bundle = nodes.find(({ id }) => id === 'bundle');
    const before = nodes
      .slice(
        0,
        nodes.findIndex(({ id }) => id === 'bundle'),
      )
      .map(({ id }) => id);
    for (const id of before) expect(bundle?.inputs[`evidence.${id}`]).toBe(id);
  });

  it('reads the examples of a domain of one’s own where it reads questions of the others', async () => {
    const lines = await graphOf(
      'domains.support={examples: [{path: support.jsonl}], checker: exact}',
      'modifiers.support={domain: support}',
    );
    expect(lines.filter((line) => line.includes('support.examples'))).toEqual([
      'support.examples = examples()',
      'questions = questions(examples.support: support.examples)',
      ...['code', 'reasoning', 'automation'].map(
        (name) => `${name}.prompts = questions(heldOut: questions, against.support: support.examples)`,
      ),
      'support.prompts = questions(examples.support: support.examples, heldOut: questions, against.support: support.examples)',
      'mix = mix(imported: filter, synthesized: synthesize, examples.support: support.examples, questions)',
      'route = route(gguf: quantize, rows: mix, modifier.code: code.prompts, modifier.reasoning: reasoning.prompts, modifier.automation: automation.prompts, modifier.support: support.prompts, examples.support: support.examples)',
    ]);
  });

  it('is for a bundle that is extended only what is new, on the base of the bundle, and the router over all', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const modifier = (name: string, domain: string) => ({ name, domain, digest, base: digest, rank: 4 });
    const config: BundleConfig = {
      ...{ schema: 1, name: 'nano', description: '', router: null, gates: [], lineage: {}, licences: [] },
      base: { digest, parameters: 1, contextTokens: 64, quantization: 'Q8_0', origin: 'full-precision' },
      modifiers: [modifier('code', 'coding'), modifier('legal', 'legal'), modifier('sums', 'math')],
    };
    const recipe = extensionRecipe({
      name: 'more',
      extend: { path: 'nano.cogumi', without: ['sums'] },
      domains: { support: { examples: [{ path: 'support.jsonl' }], checker: 'exact' as never } },
      modifiers: { support: { domain: 'support' } },
    });
    const nodes = stagesOf(recipe, { digest, config });
    expect(describeNodes(nodes)).toEqual([
      'inherit = inherit()',
      'legal.examples = inherited-examples(inherited: inherit)',
      'support.examples = examples()',
      'questions = questions(examples.legal: legal.examples, examples.support: support.examples)',
      'support.prompts = questions(examples.support: support.examples, heldOut: questions, against.legal: legal.examples, against.support: support.examples)',
      'tensors = read-gguf(gguf: inherit)',
      'support.base = evaluate(gguf: inherit, questions)',
      'support.pass-at-1 = evaluate(gguf: inherit, questions: support.prompts)',
      'support.distill = distill(passAtOne: support.pass-at-1, questions: support.prompts)',
      'support.train = train(model: tensors, rows: support.distill)',
      'support.export = export-adapter(model: tensors, adapter: support.train)',
      'support.evaluate = evaluate(gguf: inherit, adapter: support.export, questions, against: support.base)',
      'support.compare = compare(start: support.base, base: support.base, modifier.support: support.evaluate)',
      'route = route(gguf: inherit, inherited: inherit, modifier.support: support.prompts, examples.legal: legal.examples, examples.support: support.examples, proof.support: support.evaluate)',
      'bundle = bundle(gguf: inherit, router: route, inherited: inherit, modifier.support: support.export, 14 × evidence)',
      'validate = validate(bundle, questions)',
    ]);
    const options = (id: string) => nodes.find((node) => node.id === id)?.options;
    expect(options('route')).toMatchObject({ domains: { code: 'coding', legal: 'legal', support: 'support' } });
    // A few of each built-in domain that stays: the proof has to reach every modifier.
    expect(options('questions')).toMatchObject({ domains: { coding: { easy: 4, hard: 4 } } });
    expect(options('support.evaluate')).toMatchObject({ goals: [{ domain: 'support', proven: true }] });
  });

  it('takes of a sample as many items as it says', async () => {
    const nodes = stagesOf({ ...(await nano()), sample: 4 });
    const options = (id: string) => nodes.find((node) => node.id === id)?.options;
    expect(options('questions')).toMatchObject({ domains: { coding: { easy: 2, hard: 2 } } });
    expect(options('synthesize')).toMatchObject({ domains: { math: { easy: 2, hard: 2 } } });
    expect(options('code.prompts')).toMatchObject({ domains: { coding: { easy: 2, hard: 2 } } });
    expect(options('code.train')).toMatchObject({ maxSteps: 4 });
    expect(options('route')).toMatchObject({ promptsPerRoute: 4, heldOutPerDomain: 4 });
  });
});
