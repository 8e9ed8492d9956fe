import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MEDIA, RouterWeights } from '@cogumi/contracts';
import { readGgufHeader } from '@cogumi/llama';
import type { InputArtifact } from '../../context.ts';
import { defineStage } from '../../stage.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { readInheritedParts } from './inherit.ts';
import { BundleStageOptions } from './options.ts';
import { writeBundle } from './write-bundle.ts';

/** Stages that give the examples of a domain of one's own. */
const EXAMPLES = ['examples', 'inherited-examples'];

/** Packs base, modifiers, router and evidence into one file. */
export const bundle = defineStage({
  name: 'bundle',
  version: 8,
  inputs: {
    gguf: 'gguf',
    router: 'router',
    'modifier.*': 'gguf-adapter',
    'draft?': 'gguf',
    'inherited?': 'gguf',
    'evidence.*': 'any',
  },
  output: 'bundle',
  options: BundleStageOptions,
  cacheInputs: [],
  resumable: false,
  workload: (_options, { gguf, router, draft, ...others }) => {
    const adapters = Object.entries(others).filter(([name]) => name.startsWith('modifier.'));
    const parts = [gguf?.bytes ?? 0, router?.bytes ?? 0, draft?.bytes ?? 0, ...adapters.map(([, { bytes }]) => bytes)];
    const bytes = parts.reduce((sum, own) => sum + own, 1e5);
    // Hashed and written at 0.5 GB/s (measured).
    return {
      items: 1,
      unit: 'bundles',
      fixedSeconds: 0.2 + bytes / 0.5e9,
      secondsPerItem: 0,
      bytes,
      model: gguf?.model,
    };
  },
  async run({ options, input, optionalInput, inputsUnder, output }) {
    const base = input('gguf');
    const path = base.path('model.gguf');
    const header = await readGgufHeader(path);
    const architecture = String(header.metadata.get('general.architecture'));
    const weights = RouterWeights.parse(JSON.parse(await readFile(input('router').path('router.json'), 'utf8')));
    const modifiers = inputsUnder('modifier');
    const nodes = inputsUnder('evidence');
    const bundle = optionalInput('inherited');
    const stays = Object.keys(options.domains).filter((name) => !modifiers.has(name));
    const inherited = bundle && (await readInheritedParts(bundle, stays, new Set(nodes.keys())));
    const licences = [...new Set([...(inherited?.licences ?? []), ...[...nodes.values()].flatMap(licencesOf)])].sort();
    const evidence = gatherEvidence(nodes, input('router').manifest.facts, inherited);
    const kept = options.extendable ? await layersToExtend(input('router'), nodes.values()) : [];
    const written = await writeBundle({
      output: join(output, 'bundle.cogumi'),
      name: options.name,
      description: options.description,
      base: {
        path,
        parameters: Number(base.manifest.facts.parameters),
        contextTokens: Number(header.metadata.get(`${architecture}.context_length`)),
        quantization: String(base.manifest.facts.type),
        origin: options.origin,
      },
      modifiers: [
        ...(inherited?.modifiers ?? []),
        ...[...modifiers].map(([name, adapter]) => ({
          name,
          path: adapter.path('adapter.gguf'),
          base: String(adapter.manifest.facts.base),
          domain: options.domains[name] as string,
          rank: Number(adapter.manifest.facts.rank),
        })),
      ],
      draft: draftThatPays(optionalInput('draft')),
      router: { weights, base: String(input('router').manifest.facts.base) },
      documents: [
        { mediaType: MEDIA.evidence, title: 'evidence.json', text: `${JSON.stringify(evidence, null, 1)}\n` },
        { mediaType: MEDIA.licences, title: 'LICENCES.txt', text: `${licences.join('\n')}\n` },
        ...kept,
      ],
      gates: [
        ...(inherited?.gates ?? []),
        ...[...nodes].flatMap(([id, { manifest }]) => manifest.gates.map((gate) => ({ ...gate, stage: id }))),
      ],
      lineage: {
        ...inherited?.lineage,
        ...Object.fromEntries([...nodes].map(([id, { manifest }]) => [id, manifest.key])),
      },
      licences,
    });
    return { gates: [], facts: { ...written, modifiers: [...stays, ...modifiers.keys()] } };
  },
});

/** A draft model ships only where its gates say that it makes answers faster. */
function draftThatPays(draft: InputArtifact | null) {
  if (!draft?.manifest.gates.every(({ verdict }) => verdict === 'pass')) return null;
  const { base, parameters } = draft.manifest.facts;
  return { path: draft.path('model.gguf'), base: String(base), parameters: Number(parameters) };
}

/** Of the model that a node gives, or of the rows that it gives to training. */
function licencesOf({ manifest: { kind, facts } }: InputArtifact): string[] {
  if (kind === 'model') return typeof facts.licence === 'string' ? [facts.licence] : [];
  return kind === 'rows' && Array.isArray(facts.licences) ? facts.licences.map(String) : [];
}

/**
 * What an extension of the bundle needs: the prompts that its router learned from, what the base measured of them, and the examples that
 * must stay held out.
 */
async function layersToExtend(router: InputArtifact, nodes: Iterable<InputArtifact>) {
  const examples = [...nodes].filter(({ manifest }) => EXAMPLES.includes(manifest.stage));
  const heldOut = await Promise.all(examples.map((one) => readFile(one.path('held-out.jsonl'), 'utf8')));
  const readings = router.manifest.files.some(({ path }) => path === 'readings.safetensors');
  return [
    ...(readings
      ? [{ mediaType: MEDIA.readings, title: 'readings.safetensors', path: router.path('readings.safetensors') }]
      : []),
    { mediaType: MEDIA.prompts, title: 'prompts.jsonl', text: await readFile(router.path('prompts.jsonl'), 'utf8') },
    { mediaType: MEDIA.heldOut, title: 'held-out.jsonl', text: heldOut.join('') },
  ];
}
