import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative } from 'node:path';
import { serve } from '@cogumi/pure/testing';
import type { Repository } from '../repository.ts';
import { beginning, type Content, contentOf } from './content.ts';
import type { Fault } from './faults.ts';
import { sendFile } from './send-file.ts';

/** Files of a repository at a commit. */
type Tree = ReadonlyMap<string, Content>;

interface Published {
  readonly commits: Map<string, Tree>;
  readonly revisions: Map<string, string>;
  access: Access;
}
type Access = 'open' | 'gated' | 'private';

/** A recorded request. `host`: the Hub itself, or the store that it redirects to for large files. */
export interface Seen {
  readonly host: 'hub' | 'store';
  readonly method: string;
  readonly path: string;
  readonly range: string | null;
  readonly authorized: boolean;
}

interface PublishOptions {
  readonly kind?: Repository['kind'];
  readonly revision?: string;
  readonly access?: Access;
  /** Its commit; default: made of the names and bytes. */
  readonly commit?: string;
  /** Further files, of which only the beginning is there, by path. */
  readonly beginnings?: Readonly<Record<string, { readonly head: Buffer; readonly length: number }>>;
}

/** A local Hub with the replies of the real one, on two ports: the Hub, and the store of large files. */
export interface HubServer {
  readonly endpoint: string;
  /** Every request so far. */
  readonly seen: Seen[];
  /** Makes a folder the newest commit of a revision of a dataset, or of a model. @returns The commit. */
  publish(name: string, folder: string, options?: PublishOptions): string;
  /** Faults of the next requests for a file on either host, one each. */
  fail(...faults: Fault[]): void;
  close(): Promise<void>;
}

export const TOKEN = 'hf_a_token_of_the_test_server';

interface HubServerOptions {
  /** Files of at least this many bytes are in the store, behind a redirect, like LFS files. */
  readonly largeBytes?: number;
  /** Files on a page of the listing. */
  readonly pageSize?: number;
}

export async function startHubServer({ largeBytes = 1000, pageSize = 3 }: HubServerOptions = {}): Promise<HubServer> {
  const repositories = new Map<string, Published>();
  const large = new Map<string, Content>();
  const seen: Seen[] = [];
  const faults: Fault[] = [];

  const note = (host: Seen['host'], request: IncomingMessage) => {
    seen.push({
      host,
      method: request.method ?? '',
      path: decodeURIComponent(request.url ?? ''),
      range: request.headers.range ?? null,
      authorized: request.headers.authorization !== undefined,
    });
  };

  const store = await serve(async (request, response) => {
    note('store', request);
    const content = large.get((request.url ?? '').slice(1));
    // Real stores refuse requests with both a signed address and a token.
    if (request.headers.authorization) return end(response, 400);
    if (!content) return end(response, 404);
    await sendFile(request, response, content.bytes, { etag: `"${content.md5}"` }, faults.shift());
  });

  const hub = await serve(async (request, response) => {
    note('hub', request);
    const url = new URL(request.url ?? '', hub.url);
    const authorized = request.headers.authorization === `Bearer ${TOKEN}`;
    if (request.headers.authorization && !authorized) return end(response, 401);
    const api = /^\/api\/((?:datasets|models)\/.+?)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
    const resolve = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    // Addresses of models have no prefix.
    const name = api?.[1] ?? resolve?.[1]?.replace(/^(?!datasets\/)/, 'models/') ?? '';
    const repository = repositories.get(name);
    // The real Hub does not reveal whether a repository is private or does not exist.
    if (!repository || (repository.access === 'private' && !authorized)) {
      return end(response, authorized ? 404 : 401, { 'x-error-code': 'RepoNotFound' });
    }
    const revision = decodeURIComponent((api?.[3] ?? resolve?.[2]) as string);
    const commit = repository.revisions.get(revision) ?? revision;
    const tree = repository.commits.get(commit);
    if (!tree) return end(response, 404, { 'x-error-code': 'RevisionNotFound' });
    if (api?.[2] === 'revision') {
      const siblings = [...tree.keys()].map((rfilename) => ({ rfilename }));
      return sendJson(response, { id: name, sha: commit, siblings, gated: repository.access === 'gated' && 'auto' });
    }
    if (api) return sendPage(response, url, tree);
    if (repository.access === 'gated' && !authorized) return end(response, 401, { 'x-error-code': 'GatedRepo' });

    const content = tree.get(decodeURIComponent(resolve?.[3] as string));
    if (!content) return end(response, 404, { 'x-error-code': 'EntryNotFound' });
    const headers = { 'x-repo-commit': commit, 'accept-ranges': 'bytes' };
    const { bytes, sha256, git } = content;
    if (bytes.length < largeBytes) {
      return sendFile(request, response, bytes, { ...headers, etag: `"${git}"` }, faults.shift());
    }
    end(response, 302, {
      ...headers,
      location: `${store.url}/${sha256}`,
      'x-linked-etag': `"${sha256}"`,
      'x-linked-size': String(bytes.length),
    });
  });
  const sendPage = (response: ServerResponse, url: URL, tree: Tree): void => {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const entries = [...tree].map(([path, { bytes, git, sha256 }]) => ({
      type: 'file',
      path,
      size: bytes.length,
      oid: git,
      ...(bytes.length >= largeBytes && {
        lfs: { oid: sha256, size: bytes.length, pointerSize: 134 },
      }),
    }));
    const folders = [...new Set([...tree.keys()].flatMap((path) => path.split('/').slice(0, -1)))];
    const all = [...folders.map((path) => ({ type: 'directory', path, size: 0, oid: '0'.repeat(40) })), ...entries];
    const more = from + pageSize < all.length;
    url.searchParams.set('cursor', String(from + pageSize));
    sendJson(response, all.slice(from, from + pageSize), more ? { link: `<${url.href}>; rel="next"` } : {});
  };

  return {
    endpoint: hub.url,
    seen,
    publish: (name, folder, { kind = 'dataset', revision = 'main', access = 'open', commit, beginnings = {} } = {}) => {
      const tree = readTree(folder);
      for (const [path, { head, length }] of Object.entries(beginnings))
        tree.set(path, contentOf(beginning(head, length), head));
      const hash = createHash('sha1');
      for (const [path, { git }] of tree) hash.update(`${path}\0${git}`);
      const sha = commit ?? hash.digest('hex');
      const key = `${kind}s/${name}`;
      const repository = repositories.get(key) ?? { commits: new Map(), revisions: new Map(), access };
      repositories.set(key, repository);
      repository.access = access;
      repository.commits.set(sha, tree);
      repository.revisions.set(revision, sha);
      for (const content of tree.values()) large.set(content.sha256, content);
      return sha;
    },
    fail: (...next) => faults.push(...next),
    close: async () => {
      await hub.close();
      await store.close();
    },
  };
}

function readTree(folder: string): Map<string, Content> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
  return new Map(
    paths.map((path) => {
      const bytes = readFileSync(join(folder, path));
      return [path, contentOf(bytes, bytes)];
    }),
  );
}

function sendJson(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}
