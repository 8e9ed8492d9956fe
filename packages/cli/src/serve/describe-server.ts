import type { RunningServer, Runtime } from '@cogumi/runtime';
import { dim, paint } from '../terminal/style.ts';

/** Facts about a running server, for `--json`. */
export function serverFacts({ served, models, contextTokens, measured }: Runtime, { url }: RunningServer) {
  return {
    url,
    digest: served.digest,
    bundle: served.path,
    models: models.map(({ id }) => id),
    contextTokens,
    ...measured,
  };
}

/** What the terminal shows when the server has started. @param locked - True: a key is required. */
export function describeServer(
  { served, models, measured }: Runtime,
  { url, loopback }: RunningServer,
  locked: boolean,
): string {
  const { name, digest } = served;
  const body = JSON.stringify({ model: name, messages: [{ role: 'user', content: 'Hello' }] });
  const key = locked ? ' -H "authorization: Bearer $COGUMI_API_KEY"' : '';
  return [
    `${paint('bold', name)} is served at ${paint('green', url)}`,
    ...(digest === null ? [] : [`  digest  ${digest}`]),
    `  models  ${models.map(({ id }) => id).join(', ')}`,
    ...(measured === null ? [] : describeMeasured(measured)),
    `  try     curl ${url}/v1/chat/completions -H 'content-type: application/json'${key} -d '${body}'`,
    ...(loopback || locked
      ? []
      : [paint('yellow', `  warning ${url} can be reached from other machines, and no key is required (--key-file)`)]),
    dim('  Ctrl-C stops it'),
  ].join('\n');
}

function describeMeasured({ threads, mixing }: NonNullable<Runtime['measured']>): string[] {
  const lines = [`  threads ${threads.token} for one answer, ${threads.batch} for several (measured now)`];
  if (mixing.used) lines.push(`  routes  are answered together: ${mixing.reason}`);
  else if (mixing.compared !== undefined) lines.push(`  routes  take turns: ${mixing.reason}`);
  return lines;
}
