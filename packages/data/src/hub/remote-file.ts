import type { Hub } from './hub.ts';
import { HubError } from './hub-error.ts';
import { printable } from './printable.ts';
import { pageOf, type Repository } from './repository.ts';
import { retry } from './retry.ts';

/** A file of a repository at a commit. */
export interface RemoteFile {
  readonly repository: Repository;
  readonly commit: string;
  readonly path: string;
  /** Hash of the content that was noted with the commit; left out: what the Hub says now counts. */
  readonly hash?: string | undefined;
  /** Its size, noted with the hash: a reader of ranges need not ask for it. */
  readonly bytes?: number;
}

export interface RemoteFacts {
  /** Hash of the content in hex: SHA-256 of large files (64 digits), the git object id of small ones (40). */
  readonly etag: string;
  readonly bytes: number;
}

/** Name of a file in messages. */
export function nameOf({ repository, path }: RemoteFile): string {
  return `${printable(path)} of ${repository.id}`;
}

export function addressOf(hub: Hub, { repository, commit, path }: RemoteFile): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `${pageOf(hub.settings.endpoint, repository)}/resolve/${commit}/${encoded}`;
}

/** Longest name that file systems accept, in bytes. */
const LONGEST_NAME_BYTES = 255;

/**
 * Refuses file names that cannot become paths of the cache or be shown.
 *
 * @throws HubError HUB_FILE_NAME for names that contain control characters or half a character, or are too long.
 */
export function refuseName(repository: Repository, path: string): void {
  const longest = Math.max(...path.split('/').map((name) => Buffer.byteLength(name)));
  const fault = /\p{Cc}/u.test(path)
    ? 'contains a control character'
    : !path.isWellFormed()
      ? 'contains half a character (a lone surrogate)'
      : longest > LONGEST_NAME_BYTES
        ? `has a name of ${longest} bytes, more than ${LONGEST_NAME_BYTES}`
        : null;
  if (fault === null) return;
  throw new HubError(
    'HUB_FILE_NAME',
    `The file "${printable(path)}" of ${repository.id} ${fault}: it is not a valid file name on this machine.`,
    repository.kind === 'model' ? 'Take another model.' : 'Set `files` of that source so that this file is left out.',
  );
}

/** Matches an ETag that is a hash of the content. Others may be shared by several files: nginx makes them of time and size. */
const HASH = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Asks the Hub for a file's hash and size before the download; the host that sends the bytes may not know them. */
export async function describeFile(hub: Hub, file: RemoteFile, signal: AbortSignal): Promise<RemoteFacts> {
  refuseName(file.repository, file.path);
  const target = { repository: file.repository, revision: file.commit, file: file.path };
  const request = { url: addressOf(hub, file), target, signal, method: 'HEAD', leave: false } as const;
  const reply = await retry(() => hub.request(request), hub.patience, signal);
  await reply.close();
  const etag = reply.header('x-linked-etag') ?? reply.header('etag') ?? 'none';
  const hash = etag.replace(/^W\//, '').replaceAll('"', '');
  const bytes = Number(reply.header('x-linked-size') ?? reply.header('content-length') ?? Number.NaN);
  const commit = reply.header('x-repo-commit');
  if (!HASH.test(hash) || !Number.isSafeInteger(bytes)) {
    throw new HubError(
      'HUB_REFUSED',
      `The Hub gives no hash and size of ${nameOf(file)}: expected 40 or 64 hex digits and a number of bytes; its ETag is ${printable(etag)}, its size ${bytes} bytes.`,
      'Check that HF_ENDPOINT is the address of a Hub, not of a proxy that drops headers.',
      reply.status,
    );
  }
  if (commit !== null && commit !== file.commit) {
    const message = `The Hub replied with commit ${printable(commit)} of ${file.repository.id}; requested was ${file.commit}.`;
    throw new HubError('HUB_REFUSED', message, 'Check that HF_ENDPOINT is the address of a Hub.', reply.status);
  }
  if (file.hash !== undefined && hash !== file.hash) {
    throw new HubError(
      'HUB_CHANGED',
      `${nameOf(file)} at ${file.commit.slice(0, 12)} has the hash ${hash}; it was ${file.hash} when the commit was pinned.`,
      'A commit of the Hub never changes: check HF_ENDPOINT and mirrors. If the new content is right, delete hub-pins.json in the store.',
      reply.status,
    );
  }
  return { etag: hash, bytes };
}
