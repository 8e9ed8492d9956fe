/**
 * What the router costs: the same questions with a route that the client names, and with one that the server finds, in turn.
 *
 *     node --conditions=source benchmarks/serving/routed.ts BUNDLE [--streams 8] [--tokens 64] [--rounds 5] [--threads 2] [--exact]
 *
 * Each question has a number of its own, so that no cache saves reading all of it. They are short, as most that people ask. With --exact
 * answers do not end before their number of tokens; --tokens may then name several, `16,64,256`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startCogumi } from '../../packages/cli/src/bench/measured-server.ts';
import { median } from '../../packages/pure/src/index.ts';
import { descendants } from '../../packages/pure/src/testing/index.ts';
import { allMeasured } from '../../tests/reliability/near-ties.ts';

/** Questions of several subjects; each takes a number, at its beginning. */
const QUESTIONS: readonly ((number: number) => string)[] = [
  (number) => `${number}. Write a Python function f(x) that returns x plus ${number}.`,
  (number) => `${number} apples are in a box and I take 3. How many are left?`,
  (number) => `${number} things about the sea, please.`,
  (number) => `Order ${number} of mine has not arrived. What can I do?`,
];
/** Names of tokens that end an answer, in common vocabularies. */
const ENDS = ['<|im_end|>', '<|endoftext|>', '</s>', '<|eot_id|>', '<end_of_turn>', '<|end|>'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    streams: { type: 'string', default: '8' },
    tokens: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    exact: { type: 'boolean', default: false },
  },
});
const [streams, rounds, threads] = [values.streams, values.rounds, values.threads].map(Number) as [
  number,
  number,
  number,
];
const lengths = values.tokens.split(',').map(Number);
const [bundle] = positionals;
if (bundle === undefined) throw new Error('Name the file of a bundle.');

/** What answers cost: by the clock, and of the processors, which other work on the machine changes less. */
interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly tokens: number;
}

/** Processor time of the server and its model so far. */
function cpuSeconds(): number {
  return descendants(process.pid).reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // User and system time, in ticks of 10 ms (proc(5)).
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}

const logs = mkdtempSync(join(tmpdir(), 'cogumi-routed-'));
const server = await startCogumi(
  { model: bundle, threads, sequences: streams, contextTokens: 1024, kvCache: 'f16' },
  join(logs, 'cogumi.log'),
);
const post = async (path: string, body: object) => {
  const reply = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(text);
  return { headers: reply.headers, body: JSON.parse(text) };
};
/** A server measures while nothing is asked, and what it finds changes its passes. */
async function waitUntilMeasured(): Promise<void> {
  for (let waited = 0; waited < 120; waited++) {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    if (/model_unmeasured(\{[^}]*\})? 0$/m.test(metrics)) return;
    await sleep(1000);
  }
  throw new Error('The server has not measured its model in two minutes.');
}

let asked = 0;
try {
  await waitUntilMeasured();
  const { data } = (await (await fetch(`${server.url}/v1/models`)).json()) as {
    data: { id: string; parent: string | null }[];
  };
  const routed = data.find(({ parent }) => parent === null)?.id as string;
  const ends: number[] = [];
  for (const content of values.exact ? ENDS : []) {
    const { tokens } = (await post('/tokenize', { content })).body as { tokens: number[] };
    if (tokens.length === 1) ends.push(...tokens);
  }
  const bias = Object.fromEntries(ends.map((id) => [id, -100]));

  /** One answer. @returns Its route and its number of tokens. */
  const ask = async (model: string, stream: number, maxTokens: number) => {
    const content = QUESTIONS[stream % QUESTIONS.length]?.(++asked);
    const { headers, body } = await post('/v1/chat/completions', {
      ...{ model, messages: [{ role: 'user', content }], max_tokens: maxTokens, temperature: 0, logit_bias: bias },
    });
    const { usage } = body as { usage: { completion_tokens: number } };
    return { route: headers.get('x-cogumi-route') as string, generated: usage.completion_tokens };
  };
  /** Answers of all streams at once. */
  const answer = async (models: readonly string[], maxTokens: number): Promise<Cost> => {
    const [began, used] = [performance.now(), cpuSeconds()];
    const answers = await Promise.all(models.map((model, stream) => ask(model, stream, maxTokens)));
    return {
      seconds: (performance.now() - began) / 1000,
      cpuSeconds: cpuSeconds() - used,
      tokens: answers.reduce((sum, { generated }) => sum + generated, 0),
    };
  };
  await allMeasured(server.url);
  const all = Array.from({ length: streams }, () => routed);
  const routes = (await Promise.all(all.map((model, stream) => ask(model, stream, 1)))).map(({ route }) => route);
  const chosen = routes.map((route) => `${routed}:${route}`);
  console.log(`routes: ${routes.join(', ')}`);
  console.log('| tokens of an answer | chosen, tokens/s | routed, tokens/s | of the chosen ones | by processor time |');
  console.log('| ---: | ---: | ---: | ---: | ---: |');
  for (const maxTokens of lengths) {
    const costs: { found: Cost; named: Cost }[] = [];
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? [all, chosen] : [chosen, all];
      const seen = new Map<readonly string[], Cost>();
      for (const models of order) seen.set(models, await answer(models, maxTokens));
      costs.push({ found: seen.get(all) as Cost, named: seen.get(chosen) as Cost });
    }
    const rate = (of: 'found' | 'named') => median(costs.map((cost) => cost[of].tokens / cost[of].seconds)).toFixed(1);
    const ratio = (of: 'seconds' | 'cpuSeconds') => {
      const ratios = costs.map(({ found, named }) => found.tokens / found[of] / (named.tokens / named[of]));
      return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
    };
    const length = costs.reduce((sum, { found, named }) => sum + found.tokens + named.tokens, 0) / costs.length / 2;
    console.log(
      `| ${(length / streams).toFixed(0)} | ${rate('named')} | ${rate('found')} | ${ratio('seconds')} | ${ratio('cpuSeconds')} |`,
    );
    const used = (of: 'found' | 'named') => 1000 * median(costs.map((cost) => cost[of].cpuSeconds / streams));
    console.error(
      `of the processor for each answer: chosen ${used('named').toFixed(0)} ms, routed ${used('found').toFixed(0)} ms`,
    );
  }
} finally {
  await server.close();
  rmSync(logs, { recursive: true });
}
