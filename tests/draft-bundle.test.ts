/** A draft model from the factory to its users: in the bundle, and in `cogumi serve` with and without drafts. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha } from '@cogumi/runtime/testing';
import { expect, it, onTestFinished } from 'vitest';
import { writeBundle } from '../packages/factory/src/stages/bundle/bundle/write-bundle.ts';
import { stories260k } from '../packages/llama/src/testing/stories260k.ts';
import { parseMetrics } from '../packages/runtime/src/testing/parse-metrics.ts';
import { ask, type Question } from './reliability/ask.ts';
import { allMeasured, gapsOf, isTie } from './reliability/near-ties.ts';
import { type ServedChild, serveChild } from './reliability/served-child.ts';

/** Thirteen times the layers of the draft model, and the same answers. */
const SILENT_LAYERS = 60;
/** By how much rounding changes logits of this model of 32-bit floats, whose range is about 30 (chosen). */
const ROUNDING = 1e-3;
const PROMPTS = ['Once upon a time', 'Tim had a red ball. He', 'Lily and her mom went to the', 'The big dog was'];
const QUESTIONS: Question[] = PROMPTS.map((prompt) => ({
  ...{ api: 'chat', model: 'mine:base', maxTokens: 60, stream: true, prompt },
}));

async function serve(path: string, ...args: string[]): Promise<ServedChild> {
  const served = await serveChild(path, { args: ['--sequences', '1', '--cache', `${path}-cache`, ...args] });
  onTestFinished(async () => void (await served.close()));
  return served;
}

/** The answers to all prompts, and how many tokens each source of drafts has got right. */
async function answersOf({ url }: ServedChild) {
  const health = await allMeasured<{ speculation: { draft?: { used: boolean } } }>(url);
  const texts: string[] = [];
  for (const question of QUESTIONS) {
    const { text, failure } = await ask(url, question);
    expect(failure).toBe(null);
    texts.push(text);
  }
  const metrics = parseMetrics(await (await fetch(`${url}/metrics`)).text());
  const accepted = metrics
    .filter(({ name }) => name === 'cogumi_spec_decode_num_accepted_tokens_total')
    .map(({ labels, value }) => [labels.source, value] as const);
  return {
    texts,
    accepted: Object.fromEntries(accepted) as Record<string, number>,
    draft: health.speculation.draft,
  };
}

const FREE = 'a pass of the draft model takes next to nothing';

/** Changes what a server has measured and keeps: passes over several tokens are as fast as those over one, and drafts cost nothing. */
async function draftsPay(folder: string): Promise<void> {
  const passes = (ms: number) => [1, 2, 16].map((tokens) => ({ tokens, ms }));
  const speculation = {
    used: true,
    reason: 'it pays',
    passes: passes(1),
    draft: { used: true, reason: FREE, passes: passes(0.01) },
  };
  const kept = () =>
    readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      const decisions = JSON.parse(readFileSync(path, 'utf8'));
      return decisions.speculation === undefined ? [] : [{ path, decisions }];
    });
  // It is written a moment after it was measured.
  await expect.poll(kept).toHaveLength(1);
  for (const { path, decisions } of kept()) writeFileSync(path, JSON.stringify({ ...decisions, speculation }));
}

it('is admitted by what a server of its bundle has measured, and changes no text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'draft-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [path, model, draft] = ['mine.cogumi', 'model.gguf', 'draft.gguf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const metadata = { 'tokenizer.chat_template': { text: '{{ messages[0].content }}' } };
  writeFileSync(model, stories260k({ metadata, silentLayers: SILENT_LAYERS }));
  writeFileSync(draft, stories260k({ metadata }));
  await writeBundle({
    output: path,
    name: 'mine',
    description: 'A model with a draft model.',
    base: { path: model, parameters: 3_000_000, contextTokens: 512, quantization: 'f32' },
    modifiers: [],
    draft: { path: draft, base: sha(readFileSync(model)), parameters: 260_032 },
    ...{ router: null, documents: [], gates: [], lineage: {}, licences: ['MIT'] },
  });

  const alone = await serve(path, '--speculate', 'off');
  const plain = await answersOf(alone);
  expect(plain).toMatchObject({ accepted: { draft: 0, lookup: 0 } });
  const same = async ({ texts }: Awaited<ReturnType<typeof answersOf>>) => {
    for (const [at, text] of texts.entries()) {
      const whole = plain.texts[at]!;
      if (text !== whole) expect(isTie(await gapsOf(alone.url, QUESTIONS[at]!), whole, text, ROUNDING)).toBe(true);
    }
  };
  // On a busy machine one pass over several tokens of so small a model may take as long as several passes: then no drafts pay.
  const measuring = await serve(path);
  await same(await answersOf(measuring));
  await measuring.close();
  await draftsPay(`${path}-cache/decisions`);
  const drafted = await answersOf(await serve(path));
  expect(drafted.draft).toMatchObject({ used: true, reason: FREE });
  expect(drafted.accepted.draft).toBeGreaterThan(PROMPTS.length * 20);
  await same(drafted);
  expect(new Set(plain.texts).size).toBe(PROMPTS.length);
});
