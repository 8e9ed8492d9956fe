import { CogumiError, EXIT } from '@cogumi/contracts';
import { printable } from './printable.ts';
import { pageOf, type Repository } from './repository.ts';
import type { HubSettings } from './settings.ts';

/** Subject of a request, for messages. */
export interface Target {
  readonly repository: Repository;
  readonly revision: string;
  readonly file?: string;
}

/** The Hub refused a request, or could not be reached. */
export class HubError extends CogumiError {
  /** HTTP status; null without a reply. */
  readonly status: number | null;

  constructor(code: string, message: string, hint: string, status: number | null = null, cause?: unknown) {
    super(code, message, hint, { cause, exitCode: EXIT.failed });
    this.status = status;
  }
}

/** A failure that may not occur again. */
export class TransientError extends Error {
  /** The error to throw after the last try. */
  readonly final: HubError;
  /** Wait that the server asks for; null if it does not. */
  readonly waitMs: number | null;
  /** True if this attempt advanced the download, so the retry counter may be reset. */
  readonly progressed: boolean;

  constructor(final: HubError, waitMs: number | null = null, progressed = false) {
    super(final.message, { cause: final });
    this.final = final;
    this.waitMs = waitMs;
    this.progressed = progressed;
  }
}

/** Explains an error reply of the Hub by its status and `X-Error-Code`. */
export function explainRefusal(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  target: Target,
  { endpoint, token }: Pick<HubSettings, 'endpoint' | 'token'>,
): HubError {
  const { repository, revision } = target;
  const { id, kind } = repository;
  const what = printable(target.file ?? 'the files');
  const page = pageOf(endpoint, repository);
  const code = headers.get('x-error-code');
  const error = (name: string, message: string, hint: string) => new HubError(name, message, hint, status);
  if (code === 'GatedRepo') {
    const who = token ? 'the account of HF_TOKEN has no access' : 'no token was sent';
    return error(
      'HUB_GATED',
      `${id} is gated: its terms must be accepted, and ${who} (HTTP ${status}).`,
      `Accept its terms at ${page}, then set HF_TOKEN to a token of that account.`,
    );
  }
  if (code === 'RevisionNotFound') {
    return error('HUB_REVISION_NOT_FOUND', `${id} has no revision "${revision}".`, `See ${page}/tree/main.`);
  }
  if (code === 'EntryNotFound') {
    return error('HUB_FILE_NOT_FOUND', `${id} at ${revision} has no file ${what}.`, `See ${page}/tree/${revision}.`);
  }
  if (status === 401 && token && code !== 'RepoNotFound') {
    return error(
      'HUB_TOKEN_REFUSED',
      `The Hub refused the token (HTTP 401).`,
      'Set HF_TOKEN to a valid one, or unset it.',
    );
  }
  if (code === 'RepoNotFound' || status === 401 || status === 404) {
    const why = token ? 'or the account of HF_TOKEN has no access to it' : 'or it is private and no token was sent';
    return error(
      'HUB_NOT_FOUND',
      `The Hub has no ${kind} ${id}, ${why} (HTTP ${status}).`,
      `Check \`${kind === 'model' ? 'base.hub' : 'hub'}\` in the recipe; for a private ${kind} set HF_TOKEN.`,
    );
  }
  if (status === 429) {
    const hint = token
      ? 'Wait a few minutes and run the same command.'
      : 'Set HF_TOKEN: accounts have a higher rate limit.';
    return error('HUB_BUSY', `The Hub keeps asking to slow down (HTTP 429).`, hint);
  }
  const reason = headers.get('x-error-message');
  return error(
    'HUB_REFUSED',
    `The Hub replied with HTTP ${status} for ${what} of ${id}${reason ? `: ${printable(reason)}` : ''}.`,
    status >= 500 ? 'Run the same command later: downloaded bytes are kept.' : `See ${page}.`,
  );
}

/** Explains a missing or interrupted reply. */
export function explainSilence(cause: unknown, target: Target, endpoint: string): HubError {
  const inner = (cause as { cause?: { code?: string; message?: string } }).cause;
  const reason = inner?.code ?? inner?.message ?? (cause as Error).message;
  return new HubError(
    'HUB_UNREACHABLE',
    `${endpoint} cannot be reached for ${printable(target.file ?? 'the files')} of ${target.repository.id} (${printable(String(reason))}).`,
    'Check the network and HF_ENDPOINT and run the same command: downloaded bytes are kept. HF_HUB_OFFLINE=1 uses only the cache.',
    null,
    cause,
  );
}
