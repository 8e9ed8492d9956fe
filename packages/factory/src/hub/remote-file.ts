import type { Hub } from './hub.ts';
import { HubError } from './hub-error.ts';
import { retry } from './retry.ts';

/** A file of a dataset at a commit. */
export interface RemoteFile {
  readonly dataset: string;
  readonly commit: string;
  readonly path: string;
}

export interface RemoteFacts {
  /** Names the content: SHA-256 of large files, the git object id of small ones. */
  readonly etag: string;
  readonly bytes: number;
}

export function addressOf(hub: Hub, { dataset, commit, path }: RemoteFile): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return `${hub.settings.endpoint}/datasets/${dataset}/resolve/${commit}/${encoded}`;
}

/** What the hub says of a file before anything is fetched; it knows more than the host that will send the bytes. */
export async function describeFile(hub: Hub, file: RemoteFile, signal: AbortSignal): Promise<RemoteFacts> {
  const target = { dataset: file.dataset, revision: file.commit, file: file.path };
  const request = { url: addressOf(hub, file), target, signal, method: 'HEAD', leave: false } as const;
  const reply = await retry(() => hub.request(request), hub.patience, signal);
  await reply.close();
  const etag = (reply.header('x-linked-etag') ?? reply.header('etag'))?.replace(/^W\//, '').replaceAll('"', '');
  const bytes = Number(reply.header('x-linked-size') ?? reply.header('content-length') ?? Number.NaN);
  const commit = reply.header('x-repo-commit');
  if (!etag || !/^[\w-]+$/.test(etag) || !Number.isSafeInteger(bytes)) {
    throw new HubError(
      'HUB_REFUSED',
      `The hub names neither content nor size of ${file.path} of ${file.dataset} (ETag ${etag}, ${bytes} bytes).`,
      'Is HF_ENDPOINT the address of a hub, or of a proxy that drops headers?',
      reply.status,
    );
  }
  if (commit !== null && commit !== file.commit) {
    const message = `The hub answered with commit ${commit} of ${file.dataset}; ${file.commit} was asked for.`;
    throw new HubError('HUB_REFUSED', message, 'Is HF_ENDPOINT the address of a hub?', reply.status);
  }
  return { etag, bytes };
}
