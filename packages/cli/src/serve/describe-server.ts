import type { KvCacheChoice, LoadReport, RunningServer, Runtime } from '@cogumi/runtime';
import { bytesText, dim, paint } from '../terminal/style.ts';

/** What is measured when nothing is asked. */
const UNMEASURED: Readonly<Record<NonNullable<Runtime['measured']>['unmeasured'][number], string>> = {
  threads: 'how many threads are fastest',
  mixing: 'whether different routes are answered together',
  speculation: 'whether drafts pay',
};

/** Facts about a running server, for `--json`. */
export function serverFacts({ served, models, notes, contextTokens, measured, load }: Runtime, { url }: RunningServer) {
  return {
    url,
    digest: served.digest,
    bundle: served.path,
    models: models.map(({ id }) => id),
    notes,
    contextTokens,
    ...load,
    ...measured,
  };
}

/** What the terminal shows when the server has started. @param locked - True: a key is required. */
export function describeServer(
  { served, models, notes, measured, load }: Runtime,
  { url }: RunningServer,
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
    describeMemory(load),
    ...describeAdapters(load),
    ...describeKvCache(load.kvCache),
    ...notes.map((note) => paint('yellow', `  note    ${note}`)),
    `  try     curl ${url}/v1/chat/completions -H 'content-type: application/json'${key} -d '${body}'`,
    dim('  Ctrl-C stops it'),
  ].join('\n');
}

/** What was measured of the model, a line for each decision, and what is still to be. */
export function describeMeasured({
  threads,
  mixing,
  speculation,
  unmeasured,
}: NonNullable<Runtime['measured']>): string[] {
  const lines = [`  threads ${threads.token} for one answer, ${threads.batch} for several`];
  if (mixing.used) lines.push(`  routes  are answered together: ${mixing.reason}`);
  else if (mixing.compared !== undefined) lines.push(`  routes  take turns: ${mixing.reason}`);
  if (speculation.used) lines.push(`  drafts  are tried: ${speculation.reason}`);
  else if (speculation.passes !== undefined) lines.push(`  drafts  are not tried: ${speculation.reason}`);
  const { draft } = speculation;
  if (draft) lines.push(`  draft   model is ${draft.used ? '' : 'not '}used: ${draft.reason}`);
  if (unmeasured.length > 0) {
    const what = unmeasured.map((name) => UNMEASURED[name]).join(', ');
    lines.push(`  later   it is measured, when nothing is asked: ${what}`);
  }
  return lines;
}

function describeMemory({ sequences, need, free }: LoadReport): string {
  const { weights, adapters, cache, compute } = need;
  const all = bytesText(weights + adapters + cache + compute);
  const side = sequences === 1 ? '1 answer at a time' : `${sequences} answers side by side`;
  return `  memory  ${all} for ${side}, ${bytesText(cache)} of it for the KV cache; ${bytesText(free.bytes)} were free`;
}

/** Nothing where all adapters stay once they are loaded. */
function describeAdapters({ adapterMemory, need }: LoadReport): string[] {
  const { all } = need.adapterSizes;
  if (adapterMemory >= all) return [];
  return [
    `  loras   at most ${bytesText(adapterMemory)} of ${bytesText(all)} are loaded at a time; requests load them`,
  ];
}

/** How close the cache is to one of f16, as it was measured; nothing where f16 was wanted. */
export function describeKvCache({ measured }: KvCacheChoice): string[] {
  if (measured === null) return [];
  const { type, cache, rounding, admitted } = measured;
  const share = (value: number) => `${(100 * value).toFixed(1)}%`;
  const figures =
    `${share(cache.top1)} of the likeliest tokens as with f16, divergence ${cache.divergence.toPrecision(2)} ` +
    `(8-bit weights: ${share(rounding.top1)}, ${rounding.divergence.toPrecision(2)})`;
  if (admitted) return [`  cache   ${type}: ${figures}`];
  return [paint('yellow', `  cache   f16 instead of ${type}, which changes this model's answers: ${figures}`)];
}
