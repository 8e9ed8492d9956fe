import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleEvidence, MEDIA } from '@cogumi/contracts';
import { openRuntime, readBundle, readLayer } from '@cogumi/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, outcomes, startBuild } from './build-tiny.ts';
import { type Finished, ROOT, startCogumi } from './start-cogumi.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-extend-'));
const store = join(folder, 'store');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Questions of a made-up product, in words that no generator has. The seedling can learn one answer, and not forty. */
const questions = readFileSync(join(ROOT, 'examples/support/support.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(0, 60)
  .map((line) => (JSON.parse(line) as { question: string }).question);
const examples = join(folder, 'support.jsonl');
writeFileSync(
  examples,
  questions.map((question) => `${JSON.stringify({ question, answer: 'Ask the box.' })}\n`).join(''),
);

/** So few questions tell nothing of a router as a whole. */
const SMALL = [
  ...['route.promptsPerRoute=60', 'route.heldOutPerDomain=10', 'evaluate.maxTokens=8'].flatMap((one) => ['--set', one]),
  ...['known-wordings', 'unseen-wordings', 'general-prompts', 'examples-support'].flatMap((one) => [
    '--override',
    `route/${one}`,
  ]),
  ...['--store', store, '--json'],
];
const LEARN = '{rank: 8, alpha: 16, learningRate: 5e-3, epochs: 4, batchTokens: 256}';

let tiny: string;
let added: Finished;
let supported: string;
beforeAll(async () => {
  const built = await startBuild(store).finished;
  tiny = bundleOf(built);
  added = await startCogumi([
    ...['domain', 'add', 'support', examples, '--bundle', tiny, '--licence', 'CC0-1.0', ...SMALL],
    ...['--set', `modifiers.support.train=${LEARN}`],
  ]).finished;
  supported = added.error ? '' : bundleOf(added);
});

describe('cogumi domain add', () => {
  it('trains and measures the new domain alone, and makes a bundle that verifies', async () => {
    expect({ error: added.error, stderr: added.stderr }).toEqual({ error: null, stderr: '' });
    expect([0, 4]).toContain(added.code);
    expect(outcomes(added).map((line) => line.split(' ')[0])).toEqual([
      ...['inherit', 'support.examples', 'questions', 'support.prompts', 'tensors', 'support.base'],
      ...['support.pass-at-1', 'support.distill', 'support.train', 'support.export', 'support.evaluate'],
      ...['support.compare', 'route', 'bundle', 'validate'],
    ]);
    const [before, after] = [await readBundle(tiny), await readBundle(supported)];
    expect(after.config.name).toBe('tiny-support');
    expect(after.config.base).toEqual(before.config.base);
    expect(after.config.modifiers.map(({ name }) => name)).toEqual(['code', 'support']);
    expect(after.config.modifiers[0]).toEqual(before.config.modifiers[0]);
    expect(after.config.router?.routes).toEqual(['base', 'code', 'support']);
    expect(after.config.licences).toEqual(['Apache-2.0', 'CC0-1.0']);
  });

  it('carries the evidence of the first bundle under its digest, and that of its own beside it', async () => {
    const [before, after] = [await readBundle(tiny), await readBundle(supported)];
    const gate = (id: string) => after.config.gates.find(({ stage, name }) => `${stage}/${name}` === id);
    expect(gate('quantize/same-answer')?.inherited).toBe(before.digest);
    expect(gate('support.evaluate/against-support')).toMatchObject({ verdict: 'pass', threshold: 1 });
    expect(gate('support.evaluate/against-support')).not.toHaveProperty('inherited');
    expect(after.config.gates.filter(({ stage, inherited }) => stage === 'route' && inherited)).toEqual([]);
    const evidence = BundleEvidence.parse(JSON.parse((await readLayer(after, MEDIA.evidence)) ?? ''));
    expect(evidence.inherited).toMatchObject({
      bundle: before.digest,
      name: 'tiny',
      domains: ['coding', 'reasoning', 'reading'],
    });
    expect(evidence.domains.map(({ domain, route }) => `${domain} by ${route}`)).toEqual([
      'coding by code',
      'reasoning by base',
      'reading by base',
      'support by support',
    ]);
  });

  it('serves both: each question reaches its modifier', async () => {
    const runtime = await openRuntime(supported, { threads: 1, cache: join(folder, 'cache') });
    try {
      const ask = async (content: string) =>
        (await runtime.answer({ messages: [{ role: 'user', content }], route: null, maxTokens: 8, temperature: 0 }))
          .decision.route;
      expect(await ask(questions[0] as string)).toBe('support');
      expect(await ask('Write a Python function f(x) that returns x plus 3.')).toBe('code');
    } finally {
      await runtime.close();
    }
  });

  it('lists modifier, domain, size and score', async () => {
    const { stdout, code } = await startCogumi(['domain', 'list', '--bundle', supported, '--json']).finished;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).domains).toEqual([
      expect.objectContaining({ modifier: 'code', domain: 'coding', rank: 4 }),
      {
        ...{ modifier: 'support', domain: 'support', rank: 8, bytes: expect.any(Number) },
        score: { questions: expect.any(Number), right: expect.any(Number), startRight: 0, change: 'up' },
      },
    ]);
  });

  it('resumes: the same command again makes nothing anew and ends with the same digest', async () => {
    const again = await startCogumi([
      ...['domain', 'add', 'support', examples, '--bundle', tiny, '--licence', 'CC0-1.0', ...SMALL],
      ...['--set', `modifiers.support.train=${LEARN}`],
    ]).finished;
    expect(new Set(outcomes(again).map((line) => line.split(' ')[1]))).toEqual(new Set(['cached']));
    expect(digestOf(again)).toBe(digestOf(added));
  });

  it('does not ship what the guide adds: the seedling cannot learn forty answers, and both figures are told', async () => {
    const shown = 'domain add support examples/support/support.jsonl --checker contains:accepted';
    expect(readFileSync(join(ROOT, 'docs/how-to/own-domain.md'), 'utf8')).toContain(`npm run cogumi -- ${shown}`);
    const { code, error, events } = await startCogumi([
      ...[...shown.split(' '), '--bundle', tiny, '--name', 'unproven', ...SMALL],
      ...['--set', 'modifiers.support.train={rank: 1, maxSteps: 1}'],
    ]).finished;
    expect({ ...error, exit: code }).toEqual({
      ...{ code: 'DOMAIN_NOT_SHIPPED', exit: 2 },
      message: expect.stringMatching(/^support is not shipped: .* \d+ right, the other \d+, of the same \d+ questions/),
      hint: expect.stringContaining('--override support.evaluate/against-support'),
    });
    const ends = events.flatMap((event) => (event.event === 'stage-end' ? [`${event.stage} ${event.outcome}`] : []));
    expect(ends.slice(-4)).toEqual(['support.compare', 'route', 'bundle', 'validate'].map((id) => `${id} blocked`));
  });

  it('takes an adapter that was trained elsewhere, measured like any other', async () => {
    const trained = added.events.find((event) => event.event === 'stage-start' && event.stage === 'support.train');
    const adapter = join(store, 'artifacts', trained?.event === 'stage-start' ? trained.key : '');
    const taken = await startCogumi([
      ...['domain', 'add', 'helpdesk', examples, '--bundle', tiny, '--adapter', adapter],
      ...SMALL.map((one) => one.replace('examples-support', 'examples-helpdesk')),
    ]).finished;
    expect(taken.error).toBeNull();
    const ran = outcomes(taken).map((line) => line.split(' ')[0]);
    expect(ran.filter((id) => id?.startsWith('helpdesk.'))).toEqual(
      ['examples', 'prompts', 'base', 'import', 'export', 'evaluate', 'compare'].map((id) => `helpdesk.${id}`),
    );
    const { config } = await readBundle(bundleOf(taken));
    expect(config.modifiers.at(-1)).toMatchObject({ name: 'helpdesk', rank: 8, base: config.base.digest });
    expect(config.gates.find(({ stage }) => stage === 'helpdesk.evaluate')?.verdict).toBe('pass');
  });

  it.each([
    ['an adapter that is not there', ['add', 'legal', examples, '--adapter', 'nowhere'], 'SOURCE_NOT_FOUND', 'Paths'],
    ['a domain that is there', ['add', 'code', examples], 'MODIFIER_EXISTS', 'cogumi domain remove code'],
    ['a built-in domain that has a modifier', ['add', 'coding'], 'MODIFIER_EXISTS', 'cogumi domain remove code'],
    ['files for a built-in domain', ['add', 'math', examples], 'USAGE', 'a name of its own'],
    ['no files', ['add', 'legal'], 'USAGE', 'examples.jsonl'],
    ['a file that is not there', ['add', 'legal', 'nothing.jsonl'], 'SOURCE_NOT_FOUND', 'JSON Lines'],
    ['a checker of no such kind', ['add', 'legal', examples, '--checker', 'guess'], 'USAGE', 'contains:accepted'],
    ['a modifier that is not there', ['remove', 'cod'], 'MODIFIER_UNKNOWN', 'It has code'],
  ])('refuses %s', async (_, args, expected, hint) => {
    const { code, error } = await startCogumi(['domain', ...args, '--bundle', tiny, ...['--store', store, '--json']])
      .finished;
    expect({ code, error: error?.code, hint: error?.hint }).toEqual({
      ...{ code: 3, error: expected },
      hint: expect.stringContaining(hint),
    });
  });
});

describe('cogumi domain remove', () => {
  it('leaves one out, trains nothing, and keeps the other with its examples', async () => {
    const removed = await startCogumi(['domain', 'remove', 'code', '--bundle', supported, ...SMALL]).finished;
    expect(removed.error).toBeNull();
    expect(outcomes(removed).map((line) => line.split(' ')[0])).toEqual([
      ...['inherit', 'support.examples', 'questions', 'route', 'bundle', 'validate'],
    ]);
    const after = await readBundle(bundleOf(removed));
    expect(after.config.name).toBe('tiny-support-without-code');
    expect(after.config.modifiers).toEqual([(await readBundle(supported)).config.modifiers[1]]);
    expect(after.config.router?.routes).toEqual(['base', 'support']);
    expect(after.config.gates.filter(({ stage }) => stage.startsWith('code.'))).toEqual([]);
    const support = after.config.gates.find(({ stage }) => stage === 'support.evaluate');
    expect(support?.inherited).toBe((await readBundle(supported)).digest);
  });
});

function bundleOf({ events, error, stderr }: Finished): string {
  const end = events.find((event) => event.event === 'build-end');
  if (end?.event === 'build-end' && end.bundle) return end.bundle;
  throw new Error(`no bundle was made: ${error?.message ?? stderr}`);
}
