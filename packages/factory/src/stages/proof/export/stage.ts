import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { makeRow } from '@cogumi/data/rows';
import { readF32Tensors } from '../../../artifacts/read-safetensors.ts';
import {
  convertSeconds,
  engineBytes,
  ggufBytes,
  hostBytes,
  loadSeconds,
  modelOf,
  PROMPT_TOKENS,
  quantizedSize,
  readSeconds,
  stepSeconds,
  tokenizerSeconds,
  torchReadSeconds,
  torchStepSeconds,
} from '../../costs.ts';
import { defineStage } from '../../stage.ts';
import { measureParity, Reference } from './measure-parity.ts';
import { ExportOptions } from './options.ts';
import { PromptLoss, parityGates } from './parity-gates.ts';
import { refuseEndlessAnswers } from './refuse-endless-answers.ts';

/** Prompts that both continue side by side, as the engine's `logits` does (chosen: their caches stay small). */
const SIDE_BY_SIDE = 8;
const sequencesOf = ({ prompts }: ExportOptions['parity']) => Math.min(prompts, SIDE_BY_SIDE);

/** Seconds until both have started and read a first prompt (measured: what loading and reading do not explain). */
const START_SECONDS = 2;

/** Converts a Hugging Face model to GGUF and compares it in llama.cpp with the model in PyTorch. */
export const exportStage = defineStage({
  name: 'export',
  version: 5,
  inputs: { model: 'model', questions: 'questions' },
  output: 'gguf',
  options: ExportOptions,
  cacheInputs: ['engine', 'llama'],
  refuses: ['CONVERT', 'MODEL_LOAD'],
  resumable: false,
  gateNames: () => ['reads-prompts', 'same-tokens', 'same-answer'],
  workload: ({ parity, type }, { model: given }) => {
    const model = modelOf(given);
    const file = quantizedSize(model, type);
    const sequences = sequencesOf(parity);
    const torch = torchReadSeconds(model, PROMPT_TOKENS) + (parity.greedyTokens * torchStepSeconds(model)) / sequences;
    const llama = PROMPT_TOKENS * readSeconds(file, true) + (parity.greedyTokens * stepSeconds(file)) / sequences;
    return {
      items: parity.prompts,
      unit: 'prompts',
      fixedSeconds: START_SECONDS + convertSeconds(model) + tokenizerSeconds(model) + 2 * loadSeconds(model),
      secondsPerItem: torch + llama,
      bytes: ggufBytes(file),
      memory: { engine: engineBytes(model, 1.5), models: hostBytes(file, sequences) },
      model: file,
    };
  },
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
    const read = PromptLoss.parse(
      await context.runJob('logits', { model: model.folder, rows: join(work, 'rows.jsonl') }, parity, work),
    );

    const sequences = sequencesOf(parity);
    const host = await context.openModel({ modelPath: join(context.output, 'model.gguf'), sequences });
    await refuseEndlessAnswers(host, read.ends);
    const logits = await readF32Tensors(join(work, 'logits.safetensors'));
    const references = await readAllJsonl(join(work, 'prompts.jsonl'), Reference);
    const measured = await measureParity(host, references, logits, parity.greedyTokens, (done) =>
      context.progress({ done, total: references.length, unit: 'prompts' }),
    );
    return {
      gates: parityGates(measured, read, minAgreement),
      facts: {
        ...facts,
        licence: model.manifest.facts.licence ?? 'unknown',
        type: options.type,
        topOneAgreement: measured.agreeing / measured.positions,
        sameText: measured.sameText / measured.prompts,
      },
    };
  },
});
