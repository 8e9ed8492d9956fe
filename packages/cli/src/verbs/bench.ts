import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { KV_CACHE_TYPES, type KvCacheType, MAX_THREADS, mostThreads, readGgufHeader } from '@cogumi/llama';
import { makeFolder } from '@cogumi/pure';
import { cacheFolder, readBundle, unpackBundle } from '@cogumi/runtime';
import { benchPlot } from '../bench/bench-plot.ts';
import { describeBench } from '../bench/describe-bench.ts';
import { findProgram } from '../bench/find-program.ts';
import { runBench } from '../bench/run-bench.ts';
import { findBundle } from '../find-bundle.ts';
import { oneOf, wholeNumber } from '../parse-call.ts';
import { isGguf } from '../serve/open-served.ts';
import { dim } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

const DEFAULT = { levels: [1, 8, 32], promptTokens: 512, answerTokens: 128, rounds: 3 } as const;
/** A server answers at most this many at a time. */
const MOST_STREAMS = 64;

export const verb = defineVerb({
  usage: '[bundle or model.gguf] [options]',
  details:
    'Starts the server and measures reading a prompt, generating, the time to the first token and memory. Of a bundle it measures the\n' +
    "base. With llama.cpp's llama-bench and llama-server, which are taken from the PATH or named, it shows ratios to them: on the\n" +
    'same file, with as many threads, in turn. Close other programs before.',
  positionals: { min: 0, max: 1 },
  options: {
    streams: {
      type: 'string',
      value: '<numbers>',
      describe: `answers side by side, 1 to ${MOST_STREAMS}; default ${DEFAULT.levels.join(',')}`,
    },
    prompt: { type: 'string', value: '<tokens>', describe: `prompt that is read; default ${DEFAULT.promptTokens}` },
    tokens: { type: 'string', value: '<number>', describe: `tokens of each answer; default ${DEFAULT.answerTokens}` },
    rounds: { type: 'string', value: '<number>', describe: `measurements of each; default ${DEFAULT.rounds}` },
    threads: { type: 'string', value: '<number>', describe: `default: one per core, at most ${MAX_THREADS}` },
    'kv-cache': { type: 'string', value: '<type>', describe: `type of the KV cache: ${KV_CACHE_TYPES.join(', ')}` },
    'llama-bench': { type: 'string', value: '<path>', describe: "llama.cpp's llama-bench; default: from the PATH" },
    'llama-server': { type: 'string', value: '<path>', describe: "llama.cpp's llama-server; default: from the PATH" },
    output: { type: 'string', value: '<folder>', describe: 'write bench.md, bench.json and bench.svg there' },
  },
  async run({ positionals, options, json, signal }) {
    const number = (name: 'prompt' | 'tokens' | 'rounds' | 'threads', most: number, otherwise: number) =>
      options[name] === undefined ? otherwise : wholeNumber(name, options[name], 1, most);
    const kvCache: KvCacheType =
      options['kv-cache'] === undefined ? 'f16' : oneOf('kv-cache', options['kv-cache'], KV_CACHE_TYPES);
    const plan = {
      levels: levelsOf(options.streams),
      promptTokens: number('prompt', 2 ** 20, DEFAULT.promptTokens),
      answerTokens: number('tokens', 2 ** 16, DEFAULT.answerTokens),
      rounds: number('rounds', 1000, DEFAULT.rounds),
      threads: number('threads', 512, mostThreads()),
      kvCache,
      llamaBench: await findProgram('llama-bench', options['llama-bench']),
      llamaServer: await findProgram('llama-server', options['llama-server']),
    };
    const { name, model } = await modelOf(positionals[0], signal);
    const logFolder = await mkdtemp(join(tmpdir(), 'cogumi-bench-'));
    const figures = await runBench({ ...plan, ...(await tokensOf(model)), model, logFolder }, signal, (done) => {
      if (!json) console.error(dim(`round ${done} of ${plan.rounds}`, process.stderr));
    });
    await rm(logFolder, { recursive: true });
    const subject = { name, processor: cpus()[0]?.model.trim() ?? 'unknown processor', ...plan };
    const text = describeBench(subject, figures);
    const facts = JSON.stringify({ ...subject, figures });
    if (options.output !== undefined) {
      makeFolder(options.output);
      await writeFile(join(options.output, 'bench.md'), `${text}\n`);
      await writeFile(join(options.output, 'bench.json'), `${facts}\n`);
      await writeFile(join(options.output, 'bench.svg'), benchPlot(name, figures));
    }
    console.log(json ? facts : text);
    return EXIT.done;
  },
});

/** In ascending order; one stream is always measured, since it is compared with llama-bench. @throws UsageError */
function levelsOf(text: string | undefined): number[] {
  if (text === undefined) return [...DEFAULT.levels];
  const levels = text.split(',').map((part) => wholeNumber('streams', part.trim(), 1, MOST_STREAMS));
  return [...new Set([1, ...levels])].sort((left, right) => left - right);
}

/** The file that is measured: a model in GGUF, or the base of a bundle. @throws as `findBundle`, `readBundle`, `unpackBundle`. */
async function modelOf(named: string | undefined, signal: AbortSignal): Promise<{ name: string; model: string }> {
  const path = await findBundle(named);
  if (await isGguf(path)) return { name: basename(path), model: path };
  const bundle = await readBundle(path, signal);
  const { basePath } = await unpackBundle(bundle, cacheFolder(), signal);
  return { name: `${bundle.config.name}, base`, model: basePath };
}

async function tokensOf(model: string): Promise<{ vocabularySize: number; endTokens: number[] }> {
  const { metadata } = await readGgufHeader(model);
  const tokens = metadata.get('tokenizer.ggml.tokens');
  if (typeof tokens !== 'object') {
    throw new CogumiError('GGUF_INVALID', `${model} has no vocabulary.`, 'Name the file of a language model.');
  }
  const ids = ['eos', 'eot', 'eom'].map((end) => metadata.get(`tokenizer.ggml.${end}_token_id`));
  return { vocabularySize: tokens.arrayLength, endTokens: ids.filter((id) => typeof id === 'number') };
}
