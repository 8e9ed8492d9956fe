import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleConfig, MEDIA, RouterWeights } from '@cogumi/contracts';
import { readGgufHeader } from '@cogumi/llama';
import { defineStage } from '../../stage/stage.ts';
import { BundleStageOptions } from './options.ts';
import { describe, type Layer, writeBundle } from './write-bundle.ts';

/** Base, modifiers, router and evidence in, one file out that names and hashes them all. */
export const bundle = defineStage({
  name: 'bundle',
  version: 1,
  inputs: { gguf: 'gguf', router: 'router', 'modifier.*': 'gguf-adapter', 'evaluation.*': 'answers' },
  output: 'bundle',
  options: BundleStageOptions,
  engine: false,
  resumable: false,
  workload: () => ({ items: 1, unit: 'bundles', fixedSeconds: 0.5, secondsPerItem: 0, bytes: 1e7, money: 0 }),
  async run({ options, input, inputsUnder, output }) {
    const base = input('gguf');
    const baseLayer: Layer = { mediaType: MEDIA.base, title: 'base.gguf', content: { path: base.path('model.gguf') } };
    const baseDigest = (await describe(baseLayer)).digest;
    const routerLayer: Layer = { mediaType: MEDIA.router, title: 'router.json', content: await readFile(input('router').path('router.json')) };
    const { routes } = RouterWeights.parse(JSON.parse((routerLayer.content as Buffer).toString('utf8')));

    const modifiers: BundleConfig['modifiers'] = [];
    const layers: Layer[] = [baseLayer, routerLayer];
    for (const [name, adapter] of inputsUnder('modifier')) {
      const layer: Layer = { mediaType: MEDIA.modifier, title: `${name}.gguf`, content: { path: adapter.path('adapter.gguf') } };
      layers.push(layer);
      modifiers.push({
        name,
        digest: (await describe(layer)).digest,
        base: baseDigest,
        domain: options.domains[name] as string,
        rank: Number(adapter.manifest.facts.rank),
      });
    }
    const evaluations = inputsUnder('evaluation');
    const parts = [base, input('router'), ...inputsUnder('modifier').values(), ...evaluations.values()];
    const evidence = {
      evaluations: Object.fromEntries([...evaluations].map(([name, { manifest }]) => [name, manifest.facts])),
      router: input('router').manifest.facts,
    };
    layers.push({ mediaType: MEDIA.evidence, title: 'evidence.json', content: Buffer.from(`${JSON.stringify(evidence, null, 1)}\n`) });
    layers.push({ mediaType: MEDIA.licences, title: 'LICENCES.txt', content: Buffer.from(`${options.licences.join('\n')}\n`) });

    const header = await readGgufHeader(base.path('model.gguf'));
    const architecture = String(header.metadata.get('general.architecture'));
    const config: BundleConfig = {
      schema: 1,
      name: options.name,
      base: {
        digest: baseDigest,
        parameters: Number(base.manifest.facts.parameters),
        contextTokens: Number(header.metadata.get(`${architecture}.context_length`)),
        quantization: String(base.manifest.facts.type),
      },
      modifiers,
      router: { digest: (await describe(routerLayer)).digest, base: baseDigest, routes },
      gates: parts.flatMap(({ manifest }) => manifest.gates.map((gate) => ({ ...gate, stage: manifest.stage }))),
      lineage: Object.fromEntries(parts.map(({ manifest }) => [`${manifest.stage}/${manifest.key.slice(0, 12)}`, manifest.key])),
      licences: options.licences,
    };
    const { digest, bytes } = await writeBundle(join(output, 'bundle.cogumi'), config, layers);
    return { gates: [], facts: { digest, bytes, modifiers: modifiers.map(({ name }) => name) } };
  },
});
