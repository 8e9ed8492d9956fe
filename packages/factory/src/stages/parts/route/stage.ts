import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Domain, type Gate, Question, type RouterWeights, Row } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { chatPrompt, type ModelHost } from '@cogumi/llama';
import { hostBytes, loadSeconds, modelOf, PROMPT_TOKENS, readSeconds } from '../../costs.ts';
import { shareGate } from '../../share-gate.ts';
import { defineStage } from '../../stage.ts';
import { confusionMatrix } from './confusion-matrix.ts';
import { RouteStageOptions } from './options.ts';
import { type Example, trainNetwork } from './train-network.ts';

/** Prompts read by the served base in, the small network that picks a modifier out, with its confusion matrix. */
export const route = defineStage({
  name: 'route',
  version: 2,
  inputs: { gguf: 'gguf', rows: 'rows', 'modifier.*': 'questions' },
  output: 'router',
  options: RouteStageOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  workload: ({ promptsPerRoute, domains, heldOutPerDomain }, { gguf }) => {
    const model = modelOf(gguf);
    return {
      items: promptsPerRoute * (1 + Object.keys(domains).length) + heldOutPerDomain * 8,
      unit: 'prompts',
      fixedSeconds: 1 + loadSeconds(model),
      // A prompt is read with all its logits; the network learns from it in 2 ms (measured).
      secondsPerItem: 0.002 + PROMPT_TOKENS * readSeconds(model, true),
      // Features, weights and matrices as JSON: 20 bytes a number.
      bytes: 20 * 70 * model.hiddenSize,
      memory: { models: hostBytes(model, 1) },
    };
  },
  sample: (options, items) => ({
    ...options,
    promptsPerRoute: Math.min(options.promptsPerRoute, items),
    heldOutPerDomain: Math.min(options.heldOutPerDomain, items),
  }),
  async run(context) {
    const {
      domains,
      promptsPerRoute,
      heldOutPerDomain,
      perplexityQuantile,
      perplexityMargin,
      minAccuracy,
      minUnseenAccuracy,
    } = context.options;
    const routes = ['base', ...Object.keys(domains)];
    const routeOf = (domain: Domain | null) => 1 + Object.values(domains).indexOf(domain as Domain);

    // What the routes are learned from: the modifiers' own tasks, and everything else for the base.
    const distillation: { text: string; label: number }[] = [];
    const rows = await readAllJsonl(context.input('rows').path('train.jsonl'), Row);
    const forBase = rows.filter(({ domain }) => routeOf(domain) === 0);
    for (const { question } of context.random.sample(forBase, promptsPerRoute))
      distillation.push({ text: question, label: 0 });
    for (const [name, seedPrompts] of context.inputsUnder('modifier')) {
      const asked = await readAllJsonl(seedPrompts.path('questions.jsonl'), Question);
      for (const { question } of context.random.fork(name).sample(asked, promptsPerRoute)) {
        distillation.push({ text: question, label: routes.indexOf(name) });
      }
    }
    // Held out: questions of the test split in every domain, drawn apart from the exam's.
    const half = { easy: Math.ceil(heldOutPerDomain / 2), hard: Math.floor(heldOutPerDomain / 2) };
    const heldOut = await context.teacherPool.makeQuestions(
      {
        domains: Object.fromEntries(context.options.allDomains.map((domain) => [domain, half])),
        split: 'test',
        unseenShare: 0.5,
        seed: `${context.seed}/route`,
      },
      context.signal,
    );

    const base = context.input('gguf');
    const host = await context.openModel({ modelPath: base.path('model.gguf'), sequences: 1 });
    const total = distillation.length + heldOut.length;
    const learned = await read(host, distillation, (done) => context.progress({ done, total, unit: 'prompts' }));
    const tested = await read(
      host,
      heldOut.map(({ question, domain }) => ({ text: question, label: routeOf(domain) })),
      (done) => context.progress({ done: distillation.length + done, total, unit: 'prompts' }),
    );

    const network = trainNetwork(learned, routes.length, context.options, context.random.fork('network'));
    const perplexities = learned.map(({ perplexity }) => perplexity).sort((left, right) => left - right);
    const usual = perplexities[
      Math.min(perplexities.length - 1, Math.floor(perplexities.length * perplexityQuantile))
    ] as number;
    const bound = usual * perplexityMargin;
    const weights: RouterWeights = { schema: 1, routes, ...network, perplexityBound: bound };
    await writeFile(join(context.output, 'router.json'), `${JSON.stringify(weights)}\n`);

    const part = (unseen: boolean) => tested.filter((_, at) => heldOut[at]?.unseen === unseen);
    const known = confusionMatrix(weights, part(false));
    const unseen = confusionMatrix(weights, part(true));
    await writeFile(join(context.output, 'confusion.json'), `${JSON.stringify({ routes, known, unseen }, null, 1)}\n`);
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
      ],
      facts: {
        base: base.digest('model.gguf'),
        routes,
        known,
        unseen,
        perplexityBound: bound,
        prompts: distillation.length,
      },
    };
  },
});

async function read(
  host: ModelHost,
  prompts: readonly { text: string; label: number }[],
  onProgress: (done: number) => void,
): Promise<Example[]> {
  const examples: Example[] = [];
  // Passes of 64 prompts keep progress alive; each prompt is decoded alone, so the grouping changes no number.
  for (let from = 0; from < prompts.length; from += 64) {
    const part = prompts.slice(from, from + 64);
    const tokens = await Promise.all(
      part.map(({ text }) =>
        host.tokenize(chatPrompt(host.info, [{ role: 'user', content: text }]), { special: true }),
      ),
    );
    for (const [at, { mean, perplexity }] of (await host.inspect(tokens)).entries()) {
      examples.push({ features: mean, perplexity, label: (part[at] as { label: number }).label });
    }
    onProgress(examples.length);
  }
  return examples;
}

function gate(
  name: string,
  criterion: string,
  threshold: number,
  { right, prompts }: { right: number; prompts: number },
): Gate {
  const evidence = `confusion.json: ${right} of ${prompts} prompts`;
  const advice = 'More `route.promptsPerRoute` or more wordings; with `inconclusive`, more `route.heldOutPerDomain`.';
  return shareGate({ name, criterion, threshold, unit: 'share of prompts', evidence, advice }, right, prompts);
}
