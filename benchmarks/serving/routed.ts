/**
 * What the router costs: the same questions with a route that the client names, and with one that the server finds, in turn.
 *
 *     node --conditions=source benchmarks/serving/routed.ts BUNDLE [--streams 8] [--tokens 64] [--rounds 5] [--threads 2]
 *
 * Each question has a number of its own, so that no cache saves reading all of it. They are short, as most that people ask.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCogumi } from '../../packages/cli/src/bench/measured-server.ts';
import { median } from '../../packages/pure/src/index.ts';

/** Questions of several subjects; each takes a number, at its beginning. */
const QUESTIONS: readonly ((number: number) => string)[] = [
  (number) => `${number}. Write a Python function f(x) that returns x plus ${number}.`,
  (number) => `${number} apples are in a box and I take 3. How many are left?`,
  (number) => `${number} things about the sea, please.`,
  (number) => `Order ${number} of mine has not arrived. What can I do?`,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    streams: { type: 'string', default: '8' },
    tokens: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
  },
});
const [streams, tokens, rounds, threads] = [values.streams, values.tokens, values.rounds, values.threads].map(
  Number,
) as [number, number, number, number];
const [bundle] = positionals;
if (bundle === undefined) throw new Error('Name the file of a bundle.');

const logs = mkdtempSync(join(tmpdir(), 'cogumi-routed-'));
const server = await startCogumi(
  { model: bundle, threads, sequences: streams, contextTokens: 1024, kvCache: 'f16' },
  join(logs, 'cogumi.log'),
);
let asked = 0;
try {
  const { data } = (await (await fetch(`${server.url}/v1/models`)).json()) as {
    data: { id: string; parent: string | null }[];
  };
  const routed = data.find(({ parent }) => parent === null)?.id as string;

  /** One answer. @returns Its route and its number of tokens. */
  const ask = async (model: string, stream: number) => {
    const content = QUESTIONS[stream % QUESTIONS.length]?.(++asked);
    const reply = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content }], max_tokens: tokens, temperature: 0 }),
    });
    const body = (await reply.json()) as { usage: { completion_tokens: number } };
    if (!reply.ok) throw new Error(JSON.stringify(body));
    return { route: reply.headers.get('x-cogumi-route') as string, generated: body.usage.completion_tokens };
  };
  /** Answers of all streams at once, in tokens a second. */
  const speed = async (models: readonly string[]) => {
    const began = performance.now();
    const answers = await Promise.all(models.map(ask));
    return (answers.reduce((sum, { generated }) => sum + generated, 0) / (performance.now() - began)) * 1000;
  };
  const all = Array.from({ length: streams }, () => routed);
  const routes = (await Promise.all(all.map(ask))).map(({ route }) => route);
  const chosen = routes.map((route) => `${routed}:${route}`);
  console.log(`routes: ${routes.join(', ')}`);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [all, chosen] : [chosen, all];
    const speeds = new Map<readonly string[], number>();
    for (const models of order) speeds.set(models, await speed(models));
    const [found, named] = [speeds.get(all) as number, speeds.get(chosen) as number];
    ratios.push(found / named);
    console.log(`routed ${found.toFixed(1)}, chosen ${named.toFixed(1)} tokens/s, ratio ${(found / named).toFixed(2)}`);
  }
  console.log(
    `median ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
  );
} finally {
  await server.close();
  rmSync(logs, { recursive: true });
}
