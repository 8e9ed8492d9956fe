import { request } from 'node:http';
import type { Row } from '@cogumi/contracts';
import { afterEach, beforeEach } from 'vitest';
import { sampleRow } from '../../testing/sample-row.ts';
import { startViewer, type Viewer, type ViewerOptions } from '../start-viewer.ts';
import { type Chain, createChain } from './create-chain.ts';

/** A search ends when all is searched, however busy the machine is; a test of the limit sets its own. */
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** Gives each test of the calling file a fresh chain and a viewer of it, and removes both afterwards. */
export function serveChain() {
  let chain: Chain;
  let viewer: Viewer | null;
  beforeEach(() => {
    chain = createChain();
    viewer = null;
  });
  afterEach(async () => {
    await viewer?.close();
    chain.remove();
  });
  const url = () => new URL(viewer?.url ?? '');

  return {
    get chain() {
      return chain;
    },
    url,
    /** Serves the chain and waits until everything has been read. */
    open: async (options: Partial<ViewerOptions> = {}): Promise<void> => {
      viewer = await startViewer({ sets: chain.sets, port: 0, scanMilliseconds: NO_LIMIT, ...options });
      await viewer.indexed;
    },
    // biome-ignore lint/suspicious/noExplicitAny: each test checks its own part of the answer.
    ask: async (path: string, query: Record<string, string> = {}): Promise<any> => {
      const search = new URLSearchParams({ set: '0', file: 'rows.jsonl', ...query });
      return (await fetch(new URL(`/api/${path}?${search}`, url()))).json();
    },
    /** Status, headers and body of a raw request: fetch does not let a test set the Host header. */
    raw: (path: string, headers: Record<string, string> = {}, method = 'GET') => {
      const { promise, resolve, reject } = Promise.withResolvers<{ status: number; headers: object; body: string }>();
      const sent = request(url(), { path, method, headers }, async (reply) => {
        const body = (await reply.toArray()).join('');
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body });
      });
      sent.on('error', reject).end();
      return promise;
    },
  };
}

/** A minimal row with this number. */
export const numberedRow = (id: number, more: object = {}): Row =>
  Object.assign(sampleRow({ question_id: `r${id}`, question: `Question ${id}?`, answer: `Answer ${id}.` }), more);

export const numberedRows = (count: number, more: (id: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, id) => numberedRow(id, more(id)));

export const idsOf = ({ rows }: { rows: { fields: { question_id: string } }[] }) =>
  rows.map(({ fields }) => fields.question_id);
