import { nearest } from '@cogumi/pure';
import type { Endpoint } from '../http/endpoint.ts';
import { asRecord } from '../http/error-body.ts';
import { failure } from '../http/failure.ts';
import { requestJson } from '../http/request-json.ts';
import { openAiHeaders } from './settings.ts';

/**
 * How the name of a model relates to the list of models. `exact`: equal; `tagged`: `:latest` may be omitted (Ollama); `variant`:
 * a suffix like `:nitro` selects how it is served (OpenRouter).
 */
export type Listing = 'exact' | 'tagged' | 'variant';

/**
 * Checks a model by the list of models. The list is free and requires the key, and every such server has one, while few have
 * `GET /models/{model}`.
 *
 * @throws ProviderError `model-not-found` with the nearest name; `unauthorized`, `unreachable`, `malformed`, ….
 */
export async function checkListed(model: string, endpoint: Endpoint, listing: Listing, signal: AbortSignal) {
  const url = `${endpoint.baseUrl}/models`;
  const reply = await requestJson({ method: 'GET', url, headers: openAiHeaders(endpoint) }, endpoint, signal);
  // Together answers with the bare array.
  const rows = Array.isArray(reply) ? reply : asRecord(reply).data;
  if (!Array.isArray(rows)) throw failure(endpoint, 'malformed', 'the reply is no list of models');
  const names = rows.map((row) => asRecord(row).id).filter((id) => typeof id === 'string');
  const listed = listing === 'variant' ? model.replace(/:[^/]*$/, '') : model;
  if ([model, listed, ...(listing === 'tagged' ? [`${model}:latest`] : [])].some((name) => names.includes(name)))
    return;
  const near = nearest(model, names);
  const meant = near === null ? '' : `; did you mean "${near}"?`;
  throw failure(endpoint, 'model-not-found', `no model "${model}" among ${names.length}${meant}`);
}
