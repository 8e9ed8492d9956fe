import type { Message } from '@cogumi/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { critiqueFailures, labelFailures } from './critique-failures.ts';
import type { OpenTeacherPool } from './open-teacher-pool.ts';
import { type ProviderServer, startProviderServer } from './testing/provider-server/start-provider-server.ts';
import { openTestTeacherPool } from './testing/test-teacher-pool.ts';

const CRITIC = 'openai:gpt-4o-mini';
const requestContext = { stage: 'test', signal: new AbortController().signal };
const failures = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ question: `What is ${at} + 1?`, answer: `${at}`, reason: 'not so' }));

let server: ProviderServer | undefined;
let teacherPool: OpenTeacherPool | undefined;
/** Failures of each request. */
const sizes: number[] = [];
afterEach(async () => {
  sizes.length = 0;
  await teacherPool?.close();
  await server?.close();
});

type Entry = { number: unknown; critique: unknown };

/** A critic that answers every failure, unless `spoil` makes something else of a reply. */
async function open(spoil: (entries: Entry[], size: number) => string = (critiques) => JSON.stringify({ critiques })) {
  const answer = (messages: readonly Message[]) => {
    const asked = [...(messages.at(-1)?.content ?? '').matchAll(/Question: What is (\d+) /g)].map((found) => found[1]);
    sizes.push(asked.length);
    return spoil(
      asked.map((number, at) => ({ number: at + 1, critique: `forgot to add to ${number}` })),
      asked.length,
    );
  };
  server = await startProviderServer({ models: ['gpt-4o-mini'], answer });
  teacherPool = openTestTeacherPool(server.url, [CRITIC], { batch: 'never' });
  return teacherPool;
}

describe('critiqueFailures', () => {
  it('asks 34 at a time and merges the replies, each critique with its failure', async () => {
    const { critiques, requests } = await critiqueFailures(
      failures(70),
      { critic: CRITIC },
      await open(),
      requestContext,
    );
    expect(sizes.toSorted((one, other) => other - one)).toEqual([34, 34, 2]);
    expect(requests).toBe(3);
    expect(critiques).toEqual(failures(70).map((_, at) => `forgot to add to ${at}`));
  });

  it('asks again in halves what a reply left out or nobody can read', async () => {
    const pool = await open((entries, size) => {
      if (size > 4) return size > 8 ? 'I would rather talk.' : JSON.stringify({ critiques: entries.slice(1) });
      return JSON.stringify({ critiques: entries });
    });
    const { critiques } = await critiqueFailures(
      failures(16),
      { critic: CRITIC, perRequest: 16 },
      pool,
      requestContext,
    );
    expect(sizes).toEqual([16, 8, 8, 2]);
    expect(critiques).toEqual(failures(16).map((_, at) => `forgot to add to ${at}`));
  });

  it('gives up on what fails alone, and says which', async () => {
    const pool = await open((entries) =>
      JSON.stringify({ critiques: entries.filter(({ critique }) => critique !== 'forgot to add to 2') }),
    );
    const { critiques } = await critiqueFailures(failures(4), { critic: CRITIC, perRequest: 4 }, pool, requestContext);
    expect(critiques.map((critique) => critique === null)).toEqual([false, false, true, false]);
    expect(sizes).toEqual([4, 1]);
  });

  it('ignores numbers that were not asked for, second critiques and what is no critique', async () => {
    const pool = await open((entries) =>
      JSON.stringify({
        critiques: [
          ...entries,
          { number: 9, critique: 'stray' },
          { number: 1, critique: 'second' },
          { number: 2 },
          null,
        ],
      }),
    );
    const { critiques } = await critiqueFailures(failures(2), { critic: CRITIC }, pool, requestContext);
    expect(critiques).toEqual(['forgot to add to 0', 'forgot to add to 1']);
  });

  it('asks equal failures once, and buys nothing again', async () => {
    const pool = await open();
    const twice = [...failures(3), ...failures(3)];
    const first = await critiqueFailures(twice, { critic: CRITIC }, pool, requestContext);
    expect(first.critiques.slice(3)).toEqual(first.critiques.slice(0, 3));
    await critiqueFailures(twice, { critic: CRITIC }, pool, requestContext);
    expect(sizes).toEqual([3]);
  });
});

describe('labelFailures', () => {
  it('names each group by what the teacher sees in it; null where it gives no name', async () => {
    const pool = await open((_entries, size) => (size === 2 ? '{"label": " adding one "}' : 'no idea'));
    const groups = [failures(2), failures(3)].map((own) => own.map((one) => ({ ...one, critique: 'forgot to add' })));
    expect(await labelFailures(groups, CRITIC, pool, requestContext)).toEqual(['adding one', null]);
  });
});
