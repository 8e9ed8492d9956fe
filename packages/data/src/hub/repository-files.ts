import { z } from 'zod';
import type { Hub } from './hub.ts';
import { HubError, type Target } from './hub-error.ts';
import { printable } from './printable.ts';
import { apiOf, type ListedFile, type Repository } from './repository.ts';
import { retry } from './retry.ts';

/** The fields that are read; the Hub sends more. */
const Revision = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });
const Entry = z.object({
  type: z.string(),
  // It becomes a path in the cache.
  path: z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/s, 'leads out of the repository'),
  size: z.int().nonnegative(),
  oid: z.string().optional(),
  lfs: z.object({ size: z.int().nonnegative(), oid: z.string().optional() }).nullish(),
});

/** Most pages of a listing: a wrong `Link` header would otherwise be followed for ever (chosen). */
const MAX_PAGES = 2000;

/** Largest reply that is read as JSON: a page lists a thousand files in about 300 KB (chosen). */
const MAX_JSON_BYTES = 64 * 2 ** 20;

/** The commit that a branch, tag or commit refers to now. */
export async function findCommit(
  hub: Hub,
  repository: Repository,
  revision: string,
  signal: AbortSignal,
): Promise<string> {
  const url = `${apiOf(hub.settings.endpoint, repository)}/revision/${encodeURIComponent(revision)}`;
  const target = { repository, revision };
  return (await getJson(hub, url, Revision, target, signal)).body.sha;
}

/** Every file at a commit, page by page. */
export async function listFiles(
  hub: Hub,
  repository: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<ListedFile[]> {
  const target = { repository, revision: commit };
  const files: ListedFile[] = [];
  let url: string | null = `${apiOf(hub.settings.endpoint, repository)}/tree/${commit}?recursive=true`;
  for (let page = 0; url && page < MAX_PAGES; page++) {
    const { body, next }: Page<z.infer<typeof Entry>[]> = await getJson(hub, url, z.array(Entry), target, signal);
    for (const { type, path, size, oid, lfs } of body) {
      if (type === 'file') files.push({ path, bytes: lfs?.size ?? size, hash: lfs ? lfs.oid : oid });
    }
    url = next;
  }
  if (url) {
    throw new HubError(
      'HUB_LISTING_TOO_LONG',
      `The list of files of ${repository.id} at ${commit.slice(0, 12)} has more than ${MAX_PAGES} pages (${files.length} files so far).`,
      'Take a smaller one, or download the files yourself and set `path`.',
    );
  }
  return files;
}

interface Page<T> {
  readonly body: T;
  readonly next: string | null;
}

async function getJson<T>(
  hub: Hub,
  url: string,
  schema: z.ZodType<T>,
  target: Target,
  signal: AbortSignal,
): Promise<Page<T>> {
  return retry(
    async () => {
      const reply = await hub.request({ url, target, signal });
      const refuse = (what: string, cause?: unknown): HubError => {
        const message = `The reply of ${printable(url)} is not that of a Hub: ${what}.`;
        return new HubError(
          'HUB_REFUSED',
          message,
          'Check that HF_ENDPOINT is the address of a Hub.',
          reply.status,
          cause,
        );
      };
      const next = nextPage(reply.header('link'), url);
      if (next === 'elsewhere') {
        await reply.close();
        throw refuse('its next page is on another host');
      }
      const bytes = await reply.body(MAX_JSON_BYTES);
      if (bytes === null) throw refuse(`it has more than ${MAX_JSON_BYTES} bytes`);
      try {
        return { body: schema.parse(JSON.parse(bytes.toString('utf8'))), next };
      } catch (cause) {
        const misfit =
          cause instanceof z.ZodError ? (cause.issues[0]?.message ?? 'it does not match the schema') : null;
        if (misfit === null && !(cause instanceof SyntaxError)) throw cause;
        throw refuse(misfit ?? 'it is not JSON', cause);
      }
    },
    hub.patience,
    signal,
  );
}

/** The `rel="next"` of a `Link` header (RFC 8288); `elsewhere` if it leaves the origin, which must not get the token. */
function nextPage(link: string | null, from: string): string | null {
  const found = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
  if (found === undefined) return null;
  const url = URL.parse(found, from);
  return url && url.origin === new URL(from).origin ? url.href : 'elsewhere';
}
