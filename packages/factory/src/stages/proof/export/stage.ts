import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { makeRow } from '@cogumi/data/rows';
import { countAgreement, wilsonInterval } from '@cogumi/pure';
import { z } from 'zod';
import { readF32Tensors } from '../../../artifacts/read-safetensors.ts';
import { defineStage } from '../../stage.ts';
import { ExportOptions } from './options.ts';

/** A line of the engine's `prompts.jsonl`. */
const Reference = z.object({
  prompt: z.string(),
  ids: z.array(z.int()),
  greedyIds: z.array(z.int()),
  greedyText: z.string(),
});

/** A model in Hugging Face form in, a GGUF out that says the same in llama.cpp as the model says in PyTorch. */
export const exportStage = defineStage({
  name: 'export',
  version: 1,
  inputs: { model: 'model', questions: 'questions' },
  output: 'gguf',
  options: ExportOptions,
  cacheInputs: ['engine', 'llama'],
  resumable: false,
  workload: ({ parity }) => ({
    items: parity.prompts,
    unit: 'prompts',
    fixedSeconds: 1.5,
    secondsPerItem: 0.08,
    bytes: 8e6,
  }),
  async run(context) {
    const { parity, minAgreement, ...options } = context.options;
    const model = context.input('model');
    const facts = await context.runJob('export', { model: model.folder }, options);

    const work = join(context.output, 'work');
    await mkdir(work, { recursive: true });
    const questions = await readAllJsonl(context.input('questions').path('questions.jsonl'), Question);
    const rows = context.random
      .sample(questions, parity.prompts)
      .map(({ question_id, question }) =>
        makeRow({ question_id, question, answer: '', source: 'questions', licence: 'Apache-2.0' }),
      );
    await writeJsonl(join(work, 'rows.jsonl'), rows);
    await context.runJob('logits', { model: model.folder, rows: join(work, 'rows.jsonl') }, parity, work);

    const host = await context.openModel({ modelPath: join(context.output, 'model.gguf'), sequences: 1 });
    const logits = await readF32Tensors(join(work, 'logits.safetensors'));
    let sameTokens = 0;
    let sameText = 0;
    let agreeing = 0;
    let positions = 0;
    const references = await readAllJsonl(join(work, 'prompts.jsonl'), Reference);
    for (const [line, reference] of references.entries()) {
      const ids = await host.tokenize(reference.prompt, { special: true });
      sameTokens += Number(ids.join() === reference.ids.join());
      const theirs = logits.get(String(line));
      if (!theirs) throw new RangeError(`the engine wrote no logits for prompt ${line}`);
      const vocabulary = theirs.shape[1] as number;
      agreeing += countAgreement(await host.logits(reference.ids), theirs.values, vocabulary);
      positions += reference.ids.length;
      const [completion] = await host.completeAll([
        { prompt: reference.ids, maxTokens: parity.greedyTokens, temperature: 0 },
      ]);
      sameText += Number(completion?.text.trim() === reference.greedyText.trim());
      context.progress({ done: line + 1, total: references.length, unit: 'prompts' });
    }
    const interval = wilsonInterval(agreeing, positions);
    const agreement = agreeing / positions;
    return {
      gates: [
        {
          name: 'same-tokens',
          criterion: 'llama.cpp and PyTorch cut every prompt into the same tokens',
          bound: 'exactly',
          threshold: 1,
          measured: sameTokens / references.length,
          interval: null,
          unit: 'share of prompts',
          evidence: `${references.length} prompts`,
          verdict: sameTokens === references.length ? 'pass' : 'fail',
          advice: 'Give `export.preTokenizer` the name llama.cpp uses for this tokenizer.',
        },
        {
          name: 'same-answer',
          criterion: 'llama.cpp and PyTorch agree on the most likely next token',
          bound: 'at-least',
          threshold: minAgreement,
          measured: agreement,
          interval,
          unit: 'share of positions',
          evidence: `${positions} positions of ${references.length} prompts; greedy text equal in ${sameText} of ${references.length}`,
          // The threshold is on this fixed set of positions, not on a sample of others: the point decides.
          verdict: agreement >= minAgreement ? 'pass' : 'fail',
          advice: 'The conversion changed the model; report the architecture.',
        },
      ],
      facts: {
        ...facts,
        licence: model.manifest.facts.licence ?? 'unknown',
        type: options.type,
        topOneAgreement: agreement,
        sameText: sameText / references.length,
      },
    };
  },
});
