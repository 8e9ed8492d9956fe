import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { BundleConfig, type Gate } from '@cogumi/contracts';
import { stories260k } from '@cogumi/llama/testing';
import { readBundle } from '@cogumi/runtime/bundle';
import { describe, expect, it } from 'vitest';
import { runStage, stageContext, type TestInput } from '../../../testing/stage-context.ts';
import { inherit } from '../../start/inherit/stage.ts';
import { bundle } from './stage.ts';

const gate = (name: string, verdict: Gate['verdict'] = 'pass'): Gate => ({
  ...{ name, criterion: 'It holds', bound: 'at-least', threshold: 1, measured: 1, interval: null },
  ...{ unit: '', evidence: 'all of it', verdict, guard: false, advice: '' },
});
const router = {
  ...{ schema: 1, routes: ['base', 'code'], perplexityBound: 10 },
  features: { hiddenSize: 1, mean: [0], scale: [1] },
  layers: [{ inputs: 1, outputs: 2, weights: [0, 1], bias: [0, 0] }],
};

describe('bundle', () => {
  /** Runs the stage on a real GGUF; `trainedOn` is the base that the adapter names, if it is another one. */
  async function run(trainedOn?: string, drafted?: Gate['verdict'], draftsFor?: string) {
    const gguf = { files: { 'model.gguf': stories260k() }, facts: { parameters: 260_032, type: 'f32' } };
    const inputs: Record<string, TestInput> = {
      gguf,
      'evidence.base': { kind: 'model', stage: 'base', facts: { licence: 'llama3.2' } },
      'evidence.filter': { kind: 'rows', stage: 'filter', gates: [gate('no-pii'), gate('no-contamination')] },
      'evidence.dedup': { kind: 'rows', stage: 'dedup', gates: [gate('loss-alpaca', 'inconclusive')] },
      'evidence.mix': { kind: 'rows', stage: 'mix', facts: { licences: ['MIT', 'CC-BY-4.0'] } },
      'evidence.code.distill': { kind: 'rows', stage: 'distill', facts: { licences: ['MIT', 'Apache-2.0'] } },
      'evidence.evaluate.base': { kind: 'answers', stage: 'evaluate', facts: { all: { accuracy: 0.5 } } },
      'evidence.code.evaluate': { kind: 'answers', stage: 'evaluate', gates: [gate('against-coding')] },
    };
    // The digest of the base is known only once the file is an artifact.
    const first = await stageContext(bundle, { options, inputs: { gguf } });
    const base = first.context.input('gguf').digest('model.gguf');
    return runStage(bundle, {
      options,
      inputs: {
        ...inputs,
        router: {
          files: { 'router.json': JSON.stringify(router), 'prompts.jsonl': [], 'readings.safetensors': 'measured' },
          facts: { base, known: { right: 9 } },
        },
        ...(drafted && {
          draft: {
            files: { 'model.gguf': stories260k({ metadata: { 'general.name': { text: 'draft' } } }) },
            facts: { parameters: 260_032, base: draftsFor ?? base },
            gates: [gate('faster', drafted)],
          },
        }),
        'modifier.code': { files: { 'adapter.gguf': 'an adapter' }, facts: { rank: 4, base: trainedOn ?? base } },
      },
    });
  }
  const options = { name: 'mine', description: 'A sample.', domains: { code: 'coding' } };

  /** Every blob of the file, by the title or media type of its layer. */
  function blobsOf(file: string) {
    const read = (entry: string) => execFileSync('tar', ['-xOf', file, entry], { encoding: 'utf8' });
    const blob = ({ digest }: { digest: string }) => read(`blobs/sha256/${digest.slice('sha256:'.length)}`);
    const manifest = JSON.parse(blob(JSON.parse(read('index.json')).manifests[0]));
    const titled = (title: string) =>
      blob(
        manifest.layers.find(
          ({ annotations }: { annotations: Record<string, string> }) =>
            annotations['org.opencontainers.image.title'] === title,
        ),
      );
    return { config: BundleConfig.parse(JSON.parse(blob(manifest.config))), titled };
  }

  it('holds the gates and the key of every node of its evidence, under the ids of the nodes', async () => {
    const { path, artifact, facts } = await run();
    const { config, titled } = blobsOf(path('bundle.cogumi'));
    expect(config.gates.map(({ stage, name, verdict }) => `${stage}/${name} ${verdict}`)).toEqual([
      'filter/no-pii pass',
      'filter/no-contamination pass',
      'dedup/loss-alpaca inconclusive',
      'code.evaluate/against-coding pass',
    ]);
    const { inputs } = artifact.manifest;
    expect(config.lineage).toEqual({
      base: inputs['evidence.base'],
      filter: inputs['evidence.filter'],
      dedup: inputs['evidence.dedup'],
      mix: inputs['evidence.mix'],
      'code.distill': inputs['evidence.code.distill'],
      'evaluate.base': inputs['evidence.evaluate.base'],
      'code.evaluate': inputs['evidence.code.evaluate'],
    });
    expect(config.licences).toEqual(['Apache-2.0', 'CC-BY-4.0', 'MIT', 'llama3.2']);
    expect(titled('LICENCES.txt')).toBe('Apache-2.0\nCC-BY-4.0\nMIT\nllama3.2\n');
    expect(JSON.parse(titled('evidence.json'))).toMatchObject({
      evaluations: { 'evaluate.base': { all: { accuracy: 0.5 } } },
      router: { known: { right: 9 } },
    });
    expect(facts).toMatchObject({ modifiers: ['code'], bytes: readFileSync(path('bundle.cogumi')).length });
  });

  it('hands on to an extension what the base measured of prompts', async () => {
    const { path, facts } = await run();
    const inherited = await runStage(inherit, {
      options: { digest: facts.digest },
      sources: { bundle: path('bundle.cogumi') },
    });
    expect(readFileSync(inherited.path('readings.safetensors'), 'utf8')).toBe('measured');
    expect(readFileSync(inherited.path('model.gguf'))).toEqual(stories260k());
  });

  it('takes sizes from the files, not from the recipe', async () => {
    const { path } = await run();
    const { config } = blobsOf(path('bundle.cogumi'));
    expect(config.base).toMatchObject({ parameters: 260_032, contextTokens: 512, quantization: 'f32' });
    expect(config.modifiers).toMatchObject([{ name: 'code', domain: 'coding', rank: 4 }]);
    expect(config.router?.routes).toEqual(['base', 'code']);
  });

  it('ships a draft model only where its gate passed, and as a part that the runtime verifies', async () => {
    const { path } = await run(undefined, 'pass');
    const { config, blobs } = await readBundle(path('bundle.cogumi'));
    expect(config.draft).toMatchObject({ base: config.base.digest, parameters: 260_032 });
    expect(blobs.has(config.draft!.digest)).toBe(true);
    for (const verdict of ['fail', 'inconclusive', 'skipped', undefined] as const) {
      const { path: other } = await run(undefined, verdict);
      expect((await readBundle(other('bundle.cogumi'))).config.draft).toBeUndefined();
    }
    const foreign = run(undefined, 'pass', `sha256:${'0'.repeat(64)}`);
    await expect(foreign).rejects.toMatchObject({ code: 'MODIFIER_BASE_MISMATCH' });
  });

  it('refuses an adapter that was trained on another base', async () => {
    await expect(run(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'MODIFIER_BASE_MISMATCH' });
  });
});
