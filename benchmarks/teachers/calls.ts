import { once } from 'node:events';
import { forkOwned } from '../../packages/pure/src/process/index.ts';
import { startProviderServer } from '../../packages/teachers/src/testing/provider-server/start-provider-server.ts';
import { openTestTeacherPool } from '../../packages/teachers/src/testing/test-teacher-pool.ts';

const CALLS = 1000;
const CONCURRENCY = 64;
const LATENCY_MS = 50;
const ROUNDS = 3;
const TEACHER = 'openai:gpt-4o-mini';

if (process.send) {
  // The server runs in a separate process, as providers do.
  const { url } = await startProviderServer({ models: ['gpt-4o-mini'], latencyMs: LATENCY_MS });
  process.send(url);
} else {
  const child = forkOwned(import.meta.filename, [], { execArgv: ['--conditions=source'] });
  const [url] = (await once(child, 'message')) as [string];
  const ideal = Math.ceil(CALLS / CONCURRENCY) * LATENCY_MS;
  console.log(`${CALLS} calls, ${CONCURRENCY} at a time, ${LATENCY_MS} ms each: ideal ${ideal} ms`);
  for (let round = 1; round <= ROUNDS; round++) {
    const bare = await timed(() => callBare(url, round));
    const ours = await timed(() => callThroughTeacherPool(url, round));
    console.log(
      `round ${round}  fetch ${bare.toFixed(0)} ms (${(bare / ideal).toFixed(2)})  teacher pool ${ours.toFixed(0)} ms (${(ours / ideal).toFixed(2)} of ideal, ${(ours / bare).toFixed(2)} of fetch)`,
    );
  }
  child.kill();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Requests by `fetch` only: the limit of machine and server. */
async function callBare(url: string, round: number): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < CALLS) {
      const content = `bare ${round} ${next++}`;
      const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] });
      const headers = { authorization: 'Bearer test-key', 'content-type': 'application/json' };
      const reply = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
      await reply.json();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

/** Requests through the teacher pool, with prompts, ledger, cache and rate limits, and an empty store in memory. */
async function callThroughTeacherPool(url: string, round: number): Promise<void> {
  const teacherPool = openTestTeacherPool(url, [TEACHER], { providers: { openai: { concurrency: CONCURRENCY } } });
  const calls = Array.from({ length: CALLS }, (_, at) => ({
    messages: [{ role: 'user' as const, content: `faculty ${round} ${at}` }],
    ...{ maxTokens: 100, temperature: 0, schema: null, question: null },
  }));
  const signal = new AbortController().signal;
  const replies = await teacherPool.complete(TEACHER, calls, {
    stage: 'benchmark',
    tier: null,
    batchable: false,
    signal,
  });
  if (replies.some((reply, at) => reply !== `faculty ${round} ${at}`))
    throw new Error('a reply went to the wrong question');
  await teacherPool.close();
}
