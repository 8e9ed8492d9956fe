import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonl } from '@cogumi/data/formats';
import { readGgufHeader } from '@cogumi/llama';
import { z } from 'zod';
import { checkFolderArchitecture } from '../../../artifacts/check-architecture.ts';
import { addChatTemplate } from '../../add-chat-template.ts';
import { checkGgufArchitecture } from '../../check-gguf-architecture.ts';
import {
  dequantizeSeconds,
  engineBytes,
  hostBytes,
  loadSeconds,
  modelBytes,
  modelOf,
  rebuildTokenizerSeconds,
} from '../../costs.ts';
import { licenceOfGguf, settleLicence } from '../../licence.ts';
import { ModelSourceOptions } from '../../model-source-options.ts';
import { setThinking } from '../../set-thinking.ts';
import { defineStage } from '../../stage.ts';
import { sampleTexts } from './sample-texts.ts';
import { tokensGate } from './tokens-gate.ts';

/** Texts that llama.cpp and the rebuilt tokenizer have to cut into the same tokens. */
const TEXTS = 1000;

/** Reads a GGUF file, given from outside or inherited, as a model folder: weights dequantized, tokenizer and chat template rebuilt and compared with llama.cpp's. */
export const readGguf = defineStage({
  name: 'read-gguf',
  version: 4,
  inputs: { 'gguf?': 'gguf' },
  output: 'model',
  options: ModelSourceOptions,
  cacheInputs: ['engine', 'llama'],
  resumable: false,
  gateNames: () => ['same-tokens'],
  workload: (_options, { gguf }, { model: source }) => {
    const model = modelOf(source ?? gguf);
    return {
      items: TEXTS,
      unit: 'texts',
      fixedSeconds: 0.5 + dequantizeSeconds(model) + rebuildTokenizerSeconds(model) + loadSeconds(model),
      secondsPerItem: 0.001,
      bytes: modelBytes({ ...model, bits: 16 }),
      memory: { engine: engineBytes(model, 2.5), models: hostBytes(model, 1) },
      model: { ...model, bits: 16 },
    };
  },
  async run(context) {
    const { sources, output, options } = context;
    const served = context.optionalInput('gguf');
    const path = served?.path('model.gguf') ?? (sources.model as string);
    // Refuses a damaged file and an unknown type before the engine starts.
    const { metadata } = await readGgufHeader(path);
    await checkGgufArchitecture(path);
    const work = join(output, 'work');
    await mkdir(work, { recursive: true });
    const texts = sampleTexts(context.random, TEXTS);
    await writeFile(join(work, 'texts.json'), JSON.stringify(texts));
    const facts = await context.runJob('read-gguf', { gguf: path, texts: join(work, 'texts.json') }, {});
    // Settings that the file's header does not show as it does: what the engine made of it has to go back into such a file.
    await checkFolderArchitecture(output);
    await addChatTemplate(output, options.chatTemplate);
    await setThinking(output, options.thinking, context.warn);

    const host = await context.openModel({ modelPath: path, sequences: 1 });
    let same = 0;
    let first: string | null = null;
    let at = 0;
    for await (const ids of readJsonl(join(work, 'ids.jsonl'), z.array(z.int()))) {
      const text = texts[at++] as string;
      if ((await host.tokenize(text, { special: true })).join() === ids.join()) same++;
      else first ??= text;
      if (at % 100 === 0) context.progress({ done: at, total: TEXTS, unit: 'texts' });
    }
    const gates = [tokensGate({ texts: TEXTS, same, first, types: (facts.types as string[]).join(', ') })];
    // The bundle says the licence of an inherited base; by its digest `bundle` knows the base of an adapter.
    if (served) return { gates, facts: { ...facts, base: served.digest('model.gguf') } };
    const found = licenceOfGguf(metadata);
    const { warn } = context;
    const licence = settleLicence(options.licence, found, { where: '`general.license` of the GGUF file', warn });
    return { gates, facts: { ...facts, licence } };
  },
});
