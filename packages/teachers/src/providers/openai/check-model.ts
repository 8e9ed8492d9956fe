import { nearest } from '@cogumi/pure';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { failure } from '../http/failure.ts';
import { requestJson } from '../http/request-json.ts';
import { openAiHeaders } from './settings.ts';

/**
 * How a model that can be asked for relates to the list: `exact`; `tagged`: `:latest` may be left away (Ollama);
 * `variant`: a suffix like `:nitro` chooses how it is served (OpenRouter).
 */
export type Listing = 'exact' | 'tagged' | 'variant';

/**
 * Asks for the list of models, which costs nothing and needs the key; all servers of this kind have one, while few have
 * `GET /models/{model}`.
 *
 * @throws ProviderError `model-not-found` with the nearest name; `unauthorized`, `unreachable`, `malformed`, ….
 */
export async function checkListed(model: string, endpoint: Endpoint, listing: Listing, signal: AbortSignal) {
  const url = `${endpoint.baseUrl}/models`;
  const reply = await requestJson({ method: 'GET', url, headers: openAiHeaders(endpoint) }, endpoint, signal);
  // Together answers with the bare array.
  const rows = Array.isArray(reply) ? reply : asRecord(reply).data;
  if (!Array.isArray(rows)) throw failure(endpoint, 'malformed', 'the list of models is none');
  const names = rows.map((row) => asRecord(row).id).filter((id) => typeof id === 'string');
  const wanted = listing === 'variant' ? model.replace(/:[^/]*$/, '') : model;
  if ([model, wanted, ...(listing === 'tagged' ? [`${model}:latest`] : [])].some((name) => names.includes(name)))
    return;
  const near = nearest(model, names);
  const meant = near === null ? '' : `; did you mean "${near}"?`;
  throw failure(endpoint, 'model-not-found', `no model "${model}" among ${names.length}${meant}`);
}
