import type { Hub } from './hub.ts';
import { HubError } from './hub-error.ts';
import { printable } from './printable.ts';
import { retry } from './retry.ts';

/** A file of a dataset at a commit. */
export interface RemoteFile {
  readonly dataset: string;
  readonly commit: string;
  readonly path: string;
}

export interface RemoteFacts {
  /** Names the content, in hex: SHA-256 of large files (64 digits), the git object id of small ones (40). */
  readonly etag: string;
  readonly bytes: number;
}

/** As messages call it. */
export function nameOf({ dataset, path }: RemoteFile): string {
  return `${printable(path)} of ${dataset}`;
}

export function addressOf(hub: Hub, { dataset, commit, path }: RemoteFile): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `${hub.settings.endpoint}/datasets/${dataset}/resolve/${commit}/${encoded}`;
}

/** File systems take no longer names. */
const LONGEST_NAME_BYTES = 255;

/**
 * The path of a file in its dataset becomes a path of the cache, and is shown.
 *
 * @throws HubError HUB_FILE_NAME for names that hold control characters or half a character, or are too long.
 */
export function refuseName(dataset: string, path: string): void {
  const longest = Math.max(...path.split('/').map((name) => Buffer.byteLength(name)));
  const fault = /\p{Cc}/u.test(path)
    ? 'holds a control character'
    : !path.isWellFormed()
      ? 'holds half a character (a lone surrogate)'
      : longest > LONGEST_NAME_BYTES
        ? `has a name of ${longest} bytes, more than ${LONGEST_NAME_BYTES}`
        : null;
  if (fault === null) return;
  throw new HubError(
    'HUB_FILE_NAME',
    `The file "${printable(path)}" of ${dataset} ${fault}: no file here can be called so.`,
    'Give `files` of that source, so that this one is left out.',
  );
}

/** An ETag that is no hash of the content may stand for several files: nginx makes it of time and size. */
const HASH = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** What the hub says of a file before anything is fetched; it knows more than the host that will send the bytes. */
export async function describeFile(hub: Hub, file: RemoteFile, signal: AbortSignal): Promise<RemoteFacts> {
  refuseName(file.dataset, file.path);
  const target = { dataset: file.dataset, revision: file.commit, file: file.path };
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
      `The hub does not say what ${nameOf(file)} holds: a hash of 40 or 64 hex digits and a size are wanted; its ETag is ${printable(etag)}, its size ${bytes} bytes.`,
      'Is HF_ENDPOINT the address of a hub, or of a proxy that drops headers?',
      reply.status,
    );
  }
  if (commit !== null && commit !== file.commit) {
    const message = `The hub answered with commit ${printable(commit)} of ${file.dataset}; ${file.commit} was asked for.`;
    throw new HubError('HUB_REFUSED', message, 'Is HF_ENDPOINT the address of a hub?', reply.status);
  }
  return { etag: hash, bytes };
}
