/** Clients that are slow, silent or flood the server: what others wait for their first token. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeSample } from '@cogumi/runtime/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { parseReply } from './raw-client.ts';
import { type ServedChild, serveChild } from './served-child.ts';

const SLOW = Number(process.env.COGUMI_SLOW_BODIES ?? 30);
const IDLE = Number(process.env.COGUMI_IDLE_CONNECTIONS ?? 200);
const BODY_BYTES = Number(process.env.COGUMI_BODY_BYTES ?? 32 * 2 ** 20);
const FLOODS = Number(process.env.COGUMI_HEADER_FLOODS ?? 20);
const QUESTIONS = 40;
const MIB = 2 ** 20;

let folder: string;
let served: ServedChild;
const sockets: Socket[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slow-'));
  served = await serveChild(process.env.COGUMI_SOAK_BUNDLE ?? (await writeSample(folder)), {
    args: ['--context', '512', '--cache', join(folder, 'cache')],
  });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await served?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Connection {
  readonly socket: Socket;
  readonly received: Buffer[];
  closed: boolean;
}

function open(bytes: string): Promise<Connection> {
  return new Promise((resolve) => {
    const socket = connect(served.port, '127.0.0.1');
    const connection: Connection = { socket, received: [], closed: false };
    sockets.push(socket);
    socket.on('connect', () => {
      if (bytes !== '') socket.write(bytes);
      resolve(connection);
    });
    socket.on('data', (chunk) => connection.received.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      connection.closed = true;
      resolve(connection);
    });
  });
}

async function openMany(count: number, bytes: string): Promise<Connection[]> {
  const all: Connection[] = [];
  while (all.length < count)
    all.push(...(await Promise.all(Array.from({ length: Math.min(100, count - all.length) }, () => open(bytes)))));
  return all;
}

const head = (length: number | 'chunked') =>
  'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n' +
  `${length === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n\r\n`;
const statusOf = ({ received }: Connection) => parseReply(Buffer.concat(received)).status;

/** Milliseconds to the first token of streams that are asked one after the other, sorted. */
async function firstTokens(): Promise<number[]> {
  const waits: number[] = [];
  for (let at = 0; at < QUESTIONS; at++) {
    const { firstMs, failure } = await ask(served.url, {
      api: 'chat',
      model: (await model()) as string,
      prompt: `Hello ${at}`,
      maxTokens: 4,
      stream: true,
    });
    expect(failure).toBe(null);
    if (firstMs !== null) waits.push(firstMs);
  }
  return waits.sort((one, other) => one - other);
}

let first: string | undefined;
async function model(): Promise<string> {
  first ??= ((await (await fetch(`${served.url}/v1/models`)).json()) as { data: { id: string }[] }).data[0]
    ?.id as string;
  return first;
}
const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] as number;

describe('clients that are slow', () => {
  it(`keep nobody waiting: ${SLOW} bodies that drip and ${IDLE} idle connections`, async () => {
    await firstTokens();
    const quiet = await firstTokens();
    await openMany(IDLE, '');
    const dripping = [
      ...(await openMany(Math.ceil(SLOW / 2), head(500_000))),
      ...(await openMany(Math.floor(SLOW / 2), head('chunked'))),
    ];
    const drip = setInterval(() => {
      for (const [at, { socket }] of dripping.entries())
        if (socket.writable) socket.write(at < SLOW / 2 ? '{' : '1\r\n{\r\n');
    }, 500);
    const busy = await firstTokens();
    const stillThere = served.openSockets();
    clearInterval(drip);
    const ratio = median(busy) / median(quiet);
    console.log(
      `slow clients: first token ${median(quiet).toFixed(1)} ms on a quiet server, ${median(busy).toFixed(1)} ms beside ${stillThere} connections ` +
        `(${SLOW} bodies that drip, ${IDLE} idle): × ${ratio.toFixed(2)}; slowest ${quiet.at(-1)?.toFixed(1)} and ${busy.at(-1)?.toFixed(1)} ms`,
    );
    // Beside other tests the times tell nothing.
    if (SLOW >= 300) expect(ratio).toBeLessThan(2);
  });

  it(`cannot fill the memory: a body of ${BODY_BYTES} bytes, told or in chunks`, async () => {
    const before = served.memoryBytes();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, served.memoryBytes());
    }, 100);
    const told = await open(head(BODY_BYTES));
    await expect.poll(() => statusOf(told)).toBe(413);
    const chunked = await open(head('chunked'));
    const chunk = Buffer.concat([
      Buffer.from(`${(2 ** 20).toString(16)}\r\n`),
      Buffer.alloc(2 ** 20, 0x20),
      Buffer.from('\r\n'),
    ]);
    let sent = 0;
    while (!chunked.closed && sent < BODY_BYTES) {
      sent += 2 ** 20;
      if (!chunked.socket.write(chunk))
        await Promise.race([new Promise((resolve) => chunked.socket.once('drain', resolve)), sleep(1000)]);
      if (statusOf(chunked) !== null) break;
    }
    // It is read on for a while, so that a client that still writes has its answer.
    await expect.poll(() => statusOf(chunked)).toBe(413);
    clearInterval(watch);
    console.log(
      `a body of ${BODY_BYTES} bytes: 413 when told, refused after ${Math.round(sent / MIB)} MiB in chunks; ${((most - before) / MIB).toFixed(0)} MiB more memory at the most`,
    );
    expect(most - before).toBeLessThan(128 * MIB);
  });

  it(`cannot flood it with headers: ${FLOODS} connections`, async () => {
    const before = served.memoryBytes();
    const floods = await openMany(FLOODS, 'GET /health HTTP/1.1\r\nHost: localhost\r\n');
    for (let round = 0; round < 200; round++) {
      for (const { socket } of floods) if (socket.writable) socket.write(`x-${round}: ${'y'.repeat(500)}\r\n`);
      if (round % 20 === 0) await sleep(5);
    }
    await expect.poll(() => floods.every((flood) => flood.closed || statusOf(flood) !== null)).toBe(true);
    // A connection that is closed while its client still writes may lose its answer (RST), but gets no other one.
    expect(floods.map(statusOf).filter((status) => status !== null && status !== 431)).toEqual([]);
    expect(served.memoryBytes() - before).toBeLessThan(128 * MIB);
    expect((await fetch(`${served.url}/health`)).status).toBe(200);
  });

  it('leave no connection behind', async () => {
    await expect.poll(() => served.openSockets()).toBeLessThanOrEqual(1);
  });
});
