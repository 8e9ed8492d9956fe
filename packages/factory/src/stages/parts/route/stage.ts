import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_IN_DOMAINS, type Domain, type RouterPrompt } from '@cogumi/contracts';
import { writeJsonl } from '@cogumi/data/formats';
import type { ModelHost } from '@cogumi/llama';
import { hostBytes, loadSeconds, modelOf, sharedReadSeconds } from '../../costs.ts';
import { MOST_READERS, openReaders } from '../../prompt-readers.ts';
import { defineStage } from '../../stage.ts';
import { chooseLayer } from './choose-layer.ts';
import { gatherHeldOut, gatherMessages, gatherTraining, type Prompt } from './gather-prompts.ts';
import { examplesGateName, type MeasuredRouter, measureRouter } from './measure-router.ts';
import { RouteStageOptions } from './options.ts';
import { candidateLayers, PromptReader, type ReadPrompt } from './read-prompts.ts';
import { Readings } from './readings.ts';
import { trainRouter } from './train-router.ts';

const READINGS = 'readings.safetensors';
/** Readings are kept for extensions where they take less than this share of the base (chosen): a base that is smaller reads fast. */
const LARGEST_SHARE = 0.05;
/** Tokens of a prompt behind the beginning that its chat template gives all of them (measured: 22 on SmolLM2, 1,135 prompts). */
const OWN_TOKENS = 22;

/** Prompts read by the served base in, the small network that picks a modifier out, with its confusion matrix. */
export const route = defineStage({
  name: 'route',
  version: 11,
  inputs: {
    gguf: 'gguf',
    'rows?': 'rows',
    'inherited?': 'gguf',
    'modifier.*': 'questions',
    'examples.*': 'questions',
    // Scores that are not read: where a gate of theirs fails, a router has nothing to route to.
    'proof.*': 'answers',
  },
  output: 'router',
  options: RouteStageOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  gateNames: (_options, inputs) => [
    'known-wordings',
    'unseen-wordings',
    'general-prompts',
    ...inputs.filter(isExamples).map(examplesGateName),
  ],
  workload: ({ promptsPerRoute, domains, heldOutPerDomain, depths }, { gguf, ...inputs }) => {
    const model = modelOf(gguf);
    const tested = BUILT_IN_DOMAINS.length + Object.keys(inputs).filter(isExamples).length;
    return {
      items: promptsPerRoute * (6 + Object.keys(domains).length) + heldOutPerDomain * (1 + tested),
      unit: 'prompts',
      fixedSeconds: 1 + loadSeconds(model),
      // The networks of a layer learn from a prompt in 6 ms, since those of small routes are repeated (measured).
      secondsPerItem: 0.006 * depths.length + Math.max(...depths) * OWN_TOKENS * sharedReadSeconds(model, MOST_READERS),
      // Features, weights and matrices as JSON: 20 bytes a number.
      bytes: 2 * 20 * 70 * model.hiddenSize,
      memory: { models: MOST_READERS * hostBytes(model, 1) },
    };
  },
  sample: (options, items) => ({
    ...options,
    promptsPerRoute: Math.min(options.promptsPerRoute, items),
    heldOutPerDomain: Math.min(options.heldOutPerDomain, items),
  }),
  async run(context) {
    const { options } = context;
    const { tasks, general } = await gatherTraining(context);
    const { examples, ...heldOut } = await gatherHeldOut(context);
    const { followUps, openings, testedFollowUps } = gatherMessages(context);

    const base = context.input('gguf');
    const hosts = await openReaders(context, base.path('model.gguf'), true);
    const inherited = context.optionalInput('inherited');
    const known = inherited?.manifest.files.some(({ path }) => path === READINGS) ? inherited.path(READINGS) : null;
    // What a bundle brings along is of one layer. Another one would have to be read for all prompts again.
    const learnt = known === null ? null : await Readings.layerOf(known);
    const layers = learnt === null ? await candidateLayers(hosts[0] as ModelHost, options.depths) : [learnt];
    const reader = new PromptReader(hosts, base.digest('model.gguf'), layers);
    if (known !== null && reader.layers.includes(learnt)) await reader.readings(learnt).addFrom(known);

    const groups = [
      tasks,
      general,
      openings,
      followUps,
      ...Object.values(heldOut),
      testedFollowUps,
      ...examples.values(),
    ];
    const total = groups.reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    const readAll = async (group: readonly Prompt[]) => {
      const read = await reader.read(group, (own) => context.progress({ done: done + own, total, unit: 'prompts' }));
      done += group.length;
      return read;
    };
    const learned = {
      tasks: await readAll(tasks),
      general: await readAll(general),
      openings: await readAll(openings),
      followUps: await readAll(followUps),
    };
    const tested = {
      known: await readAll(heldOut.known),
      unseen: await readAll(heldOut.unseen),
      general: await readAll(heldOut.general),
      followUps: await readAll(testedFollowUps),
    };
    const own: [Domain, ReadPrompt[]][] = [];
    for (const [domain, prompts] of examples) own.push([domain, await readAll(prompts)]);

    const routers = reader.layers.map((layer) => {
      const at = (group: readonly ReadPrompt[]) => reader.examples(layer, group);
      const weights = trainRouter(layer, mapValues(learned, at), options, context.random);
      const examplesAt = new Map(own.map(([domain, group]) => [domain, at(group)]));
      return { layer, ...measureRouter(weights, { ...mapValues(tested, at), examples: examplesAt }, options) };
    });
    const { layer, weights, gates, confusion } = chooseLayer(routers);

    await writeFile(join(context.output, 'router.json'), `${JSON.stringify(weights)}\n`);
    await writeJsonl(
      join(context.output, 'prompts.jsonl'),
      tasks.map(({ domain, turns }): RouterPrompt => ({ domain, turns: [...turns] })),
    );
    const readings = reader.readings(layer);
    const baseBytes = base.manifest.files.find(({ path }) => path === 'model.gguf')?.bytes ?? 0;
    if (readings.bytes < LARGEST_SHARE * baseBytes) await readings.write(join(context.output, READINGS));
    const facts = { ...confusion, layer, layers: routers.map(layerFacts) };
    await writeFile(join(context.output, 'confusion.json'), `${JSON.stringify(facts, null, 1)}\n`);
    return {
      gates: [...gates],
      facts: {
        base: base.digest('model.gguf'),
        ...facts,
        prompts: learned.tasks.length + learned.general.length,
        read: readings.added,
      },
    };
  },
});

/** How many prompts of each kind the router of a layer routes right. */
function layerFacts({ layer, outcomes }: MeasuredRouter & { readonly layer: number | null }) {
  const count = (right: readonly boolean[]) => ({ right: right.filter(Boolean).length, prompts: right.length });
  return { layer, kinds: mapValues(outcomes, count) };
}

function mapValues<Key extends string, From, To>(
  values: Readonly<Record<Key, From>>,
  change: (value: From) => To,
): Record<Key, To> {
  const entries = Object.entries<From>(values).map(([key, value]) => [key, change(value)]);
  return Object.fromEntries(entries) as Record<Key, To>;
}

function isExamples(input: string): boolean {
  return input.startsWith('examples.');
}
