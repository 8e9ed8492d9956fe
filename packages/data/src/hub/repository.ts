/** A dataset or a model of the Hub. */
export interface Repository {
  readonly kind: 'dataset' | 'model';
  /** `owner/name`. */
  readonly id: string;
}

/** A file of a repository. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  /** What the ETag of its content has to be; undefined where the listing does not say. */
  readonly hash?: string | undefined;
}

/** Address of its page and, followed by `/resolve/…`, of its files. Models have no prefix: they came first. */
export function pageOf(endpoint: string, { kind, id }: Repository): string {
  return kind === 'model' ? `${endpoint}/${id}` : `${endpoint}/datasets/${id}`;
}

/** Address of what the Hub says of it, followed by `/revision/…` or `/tree/…`. */
export function apiOf(endpoint: string, { kind, id }: Repository): string {
  return `${endpoint}/api/${kind}s/${id}`;
}

/** Its folder in the cache. */
export function folderOf({ kind, id }: Repository): string {
  return `${kind}s--${id.replaceAll('/', '--')}`;
}
