import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_IN_DOMAINS, type Domain, type Gate, type RouterPrompt, type RouterWeights } from '@cogumi/contracts';
import { writeJsonl } from '@cogumi/data/formats';
import { chatTokens, type ModelHost } from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';
import { hostBytes, loadSeconds, modelOf, sharedReadSeconds } from '../../costs.ts';
import { shareGate } from '../../judge-gate.ts';
import { MOST_READERS, openReaders, PROMPTS_A_PASS, readInTurn } from '../../prompt-readers.ts';
import { defineStage } from '../../stage.ts';
import { confusionMatrix } from './confusion-matrix.ts';
import { gatherHeldOut, gatherMessages, gatherTraining, type Prompt } from './gather-prompts.ts';
import { measureConversations } from './measure-conversations.ts';
import { RouteStageOptions } from './options.ts';
import { type Reading, Readings } from './readings.ts';
import { repeatFew } from './repeat-few.ts';
import { type Example, trainNetwork } from './train-network.ts';

const READINGS = 'readings.safetensors';
/** Readings are kept for extensions where they take less than this share of the base (chosen): a base that is smaller reads fast. */
const LARGEST_SHARE = 0.05;
/** Tokens of a prompt behind the beginning that its chat template gives all of them (measured: 22 on SmolLM2, 1,135 prompts). */
const OWN_TOKENS = 22;

/** Prompts read by the served base in, the small network that picks a modifier out, with its confusion matrix. */
export const route = defineStage({
  name: 'route',
  version: 10,
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
  workload: ({ promptsPerRoute, domains, heldOutPerDomain }, { gguf, ...inputs }) => {
    const model = modelOf(gguf);
    const tested = BUILT_IN_DOMAINS.length + Object.keys(inputs).filter(isExamples).length;
    return {
      items: promptsPerRoute * (6 + Object.keys(domains).length) + heldOutPerDomain * (1 + tested),
      unit: 'prompts',
      fixedSeconds: 1 + loadSeconds(model),
      // The network learns from a prompt in 8 ms, since those of small routes are repeated (measured).
      secondsPerItem: 0.008 + OWN_TOKENS * sharedReadSeconds(model, MOST_READERS),
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
    const { domains, perplexityQuantile, perplexityMargin, minAccuracy, minUnseenAccuracy, minExampleAccuracy } =
      context.options;
    const routes = ['base', ...Object.keys(domains)];
    const { tasks, general } = await gatherTraining(context);
    const { examples, ...heldOut } = await gatherHeldOut(context);
    const { followUps, openings, testedFollowUps } = gatherMessages(context);

    const base = context.input('gguf');
    const hosts = await openReaders(context, base.path('model.gguf'));
    const learning = [tasks, general, followUps, openings];
    const groups = [...learning, ...Object.values(heldOut), testedFollowUps, ...examples.values()];
    const total = groups.reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    const readings = new Readings(base.digest('model.gguf'));
    const inherited = context.optionalInput('inherited');
    if (inherited?.manifest.files.some(({ path }) => path === READINGS))
      await readings.addFrom(inherited.path(READINGS));
    const readAll = async (group: readonly Prompt[]) => {
      const read = await readPrompts(hosts, group, readings, (own) =>
        context.progress({ done: done + own, total, unit: 'prompts' }),
      );
      done += group.length;
      return read;
    };
    const learnedTasks = await readAll(tasks);
    const learned = [...learnedTasks, ...(await readAll(general))];

    const balanced = repeatFew(learned);
    const network = trainNetwork(balanced, routes.length, context.options, context.random.fork('network'));
    const messages = [
      ...learned.map((example) => ({ ...example, label: 0 })),
      ...(await readAll(openings)),
      ...(await readAll(followUps)),
    ];
    // As many of both kinds are made, so these need no noise.
    const followUp = trainNetwork(messages, 2, { ...context.options, noise: 0 }, context.random.fork('follow-up'));
    // General prompts have no part in the bound: to answer a strange prompt by the base is right for them.
    const perplexities = learnedTasks.map(({ perplexity }) => perplexity).sort((left, right) => left - right);
    const usual = perplexities[
      Math.min(perplexities.length - 1, Math.floor(perplexities.length * perplexityQuantile))
    ] as number;
    const bound = usual * perplexityMargin;
    const weights: RouterWeights = { schema: 1, routes, ...network, followUp, perplexityBound: bound };
    await writeFile(join(context.output, 'router.json'), `${JSON.stringify(weights)}\n`);
    await writeJsonl(
      join(context.output, 'prompts.jsonl'),
      tasks.map(({ domain, turns }): RouterPrompt => ({ domain, turns: [...turns] })),
    );

    const knownExamples = await readAll(heldOut.known);
    const known = confusionMatrix(weights, knownExamples);
    const unseen = confusionMatrix(weights, await readAll(heldOut.unseen));
    const ofNoDomain = confusionMatrix(weights, await readAll(heldOut.general));
    const byDomain: [Domain, typeof known][] = [];
    for (const [domain, own] of examples) byDomain.push([domain, confusionMatrix(weights, await readAll(own))]);
    const conversations = measureConversations(weights, knownExamples, await readAll(testedFollowUps));
    const baseBytes = base.manifest.files.find(({ path }) => path === 'model.gguf')?.bytes ?? 0;
    if (readings.bytes < LARGEST_SHARE * baseBytes) await readings.write(join(context.output, READINGS));
    const confusion = {
      routes,
      known,
      unseen,
      general: ofNoDomain,
      examples: Object.fromEntries(byDomain),
      conversations,
    };
    await writeFile(join(context.output, 'confusion.json'), `${JSON.stringify(confusion, null, 1)}\n`);
    return {
      gates: [
        gate(
          'known-wordings',
          'The right modifier for held-out prompts in wordings that training saw',
          minAccuracy,
          known,
        ),
        gate(
          'unseen-wordings',
          'The right modifier for prompts in wordings that training never saw',
          minUnseenAccuracy,
          unseen,
        ),
        gate('general-prompts', 'The base for prompts of no domain, in new wordings', minUnseenAccuracy, ofNoDomain),
        ...byDomain.map(([domain, measured]) =>
          gate(
            examplesGateName(`examples.${domain}`),
            `The right modifier for held-out examples of ${domain}, in their own words`,
            minExampleAccuracy,
            measured,
            // There are as many as the user has, so few that one wrong one could be chance.
            true,
          ),
        ),
      ],
      facts: {
        base: base.digest('model.gguf'),
        ...confusion,
        perplexityBound: bound,
        prompts: learned.length,
        read: readings.added,
      },
    };
  },
});

async function readPrompts(
  hosts: readonly ModelHost[],
  prompts: readonly Prompt[],
  readings: Readings,
  onProgress: (done: number) => void,
): Promise<Example[]> {
  const [first] = hosts as [ModelHost];
  const examples: Example[] = [];
  for (let from = 0; from < prompts.length; from += PROMPTS_A_PASS) {
    const part = prompts.slice(from, from + PROMPTS_A_PASS);
    const tokens = await Promise.all(
      part.map(async ({ turns }) => (await chatTokens(first, turns)).slice(0, ROUTING_TOKENS)),
    );
    const unread = tokens.filter((ids) => !readings.get(ids));
    for (const [index, { mean, perplexity }] of (await readInTurn(hosts, unread)).entries()) {
      readings.set(unread[index] as number[], { features: mean, perplexity });
    }
    for (const [at, { label }] of part.entries()) {
      examples.push({ ...(readings.get(tokens[at] as number[]) as Reading), label });
    }
    onProgress(examples.length);
  }
  return examples;
}

function gate(
  name: string,
  criterion: string,
  threshold: number,
  { right, prompts, matrix }: { right: number; prompts: number; matrix: readonly unknown[] },
  guard = false,
): Gate {
  // A router with one route is always right, which says nothing.
  const chosen = matrix.length > 1 ? prompts : 0;
  const evidence = `confusion.json: ${right} of ${prompts} prompts, ${matrix.length} routes`;
  const advice = 'More `route.promptsPerRoute` or more wordings; with `inconclusive`, more `route.heldOutPerDomain`.';
  return shareGate({ name, criterion, threshold, unit: 'share of prompts', evidence, advice, guard }, right, chosen);
}

function isExamples(input: string): boolean {
  return input.startsWith('examples.');
}

/** @param input - `examples.<domain>` */
function examplesGateName(input: string): string {
  return input.replace('.', '-');
}
