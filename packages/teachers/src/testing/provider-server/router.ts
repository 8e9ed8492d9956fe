import { setTimeout } from 'node:timers/promises';
import { anthropicBatchRoutes } from './anthropic-batch-routes.ts';
import { anthropicReplyFormat, readAnthropicQuestion } from './anthropic-messages.ts';
import { hashOf, type ModelReply, type Question } from './ask-model.ts';
import type { BatchStore } from './batch-store.ts';
import { deliverReply } from './deliver-reply.ts';
import { type Exchange, parseBody, Refusal, sendJson } from './exchange.ts';
import { openAiBatchRoutes } from './openai-batch-routes.ts';
import { openAiReplyFormat, readOpenAiQuestion } from './openai-chat.ts';
import { createFileStore } from './openai-file-routes.ts';

interface RouterOptions {
  readonly models: readonly string[];
  readonly thinkingModels: readonly string[];
  readonly model: (question: Question) => ModelReply;
  readonly store: BatchStore;
  readonly latencyMs: number;
}

/** The routes of both APIs. */
export function createRouter({ models, thinkingModels: thinking, model, store, latencyMs }: RouterOptions) {
  const files = createFileStore();
  const openAi = openAiBatchRoutes(store, files, models, thinking);
  const anthropic = anthropicBatchRoutes(store, models, thinking);

  async function chat(exchange: Exchange): Promise<void> {
    const question = readOpenAiQuestion(parseBody(exchange), models, thinking);
    if (latencyMs > 0) await setTimeout(latencyMs);
    const format = openAiReplyFormat(`chatcmpl-${exchange.logged.id}`, question);
    exchange.logged.model = question.model;
    await deliverReply(exchange, model(question), format, question.stream);
  }
  async function message(exchange: Exchange): Promise<void> {
    if (exchange.request.headers['anthropic-version'] === undefined) {
      throw new Refusal(400, 'invalid_request_error', 'anthropic-version: header is required');
    }
    const question = readAnthropicQuestion(parseBody(exchange), models, thinking);
    if (latencyMs > 0) await setTimeout(latencyMs);
    const format = anthropicReplyFormat(`msg_${exchange.logged.id}`, question);
    exchange.logged.model = question.model;
    await deliverReply(exchange, model(question), format, question.stream);
  }
  function listModels(exchange: Exchange): Promise<void> {
    const data = models.map((id) => showModel(exchange, id));
    return sendJson(exchange, 200, {
      object: 'list',
      data,
      has_more: false,
      first_id: models[0],
      last_id: models.at(-1),
    });
  }
  function getModel(exchange: Exchange, id: string): Promise<void> {
    if (models.includes(id)) return sendJson(exchange, 200, showModel(exchange, id));
    if ('anthropic-version' in exchange.request.headers) throw new Refusal(404, 'not_found_error', `model: ${id}`);
    throw new Refusal(404, 'invalid_request_error', `The model '${id}' does not exist`, 'model_not_found');
  }

  const routes: readonly (readonly [string, RegExp, (exchange: Exchange, id: string) => Promise<void>])[] = [
    ['POST', /^\/v1\/chat\/completions$/, chat],
    ['GET', /^\/v1\/models$/, listModels],
    ['GET', /^\/v1\/models\/([^/]+)$/, getModel],
    ['POST', /^\/v1\/files$/, files.upload],
    ['GET', /^\/v1\/files\/([^/]+)$/, files.show],
    ['GET', /^\/v1\/files\/([^/]+)\/content$/, files.content],
    ['POST', /^\/v1\/batches$/, openAi.create],
    ['GET', /^\/v1\/batches$/, openAi.list],
    ['GET', /^\/v1\/batches\/([^/]+)$/, openAi.retrieve],
    ['POST', /^\/v1\/batches\/([^/]+)\/cancel$/, openAi.cancel],
    ['POST', /^\/v1\/messages$/, message],
    ['POST', /^\/v1\/messages\/batches$/, anthropic.create],
    ['GET', /^\/v1\/messages\/batches$/, anthropic.list],
    ['GET', /^\/v1\/messages\/batches\/([^/]+)$/, anthropic.retrieve],
    ['GET', /^\/v1\/messages\/batches\/([^/]+)\/results$/, anthropic.results],
    ['POST', /^\/v1\/messages\/batches\/([^/]+)\/cancel$/, anthropic.cancel],
  ];

  return async (exchange: Exchange): Promise<void> => {
    for (const [method, path, answer] of routes) {
      const found = exchange.request.method === method && path.exec(exchange.url.pathname);
      if (found) return answer(exchange, decodeURIComponent(found[1] ?? ''));
    }
    throw new Refusal(
      404,
      'invalid_request_error',
      `Invalid URL (${exchange.request.method} ${exchange.url.pathname})`,
    );
  };
}

/** A model with the fields of both APIs; each client reads its own. */
function showModel({ request }: Exchange, id: string): object {
  if ('anthropic-version' in request.headers) {
    return { id, type: 'model', display_name: id, created_at: '2026-01-01T00:00:00Z' };
  }
  return { id, object: 'model', created: 1_767_225_600, owned_by: 'test' };
}

/** Hash of the request in a body; empty where it has no messages. */
export function askedIn(path: string, body: Buffer): string {
  if (path !== '/v1/chat/completions' && path !== '/v1/messages') return '';
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const { model } = value as { model: string };
    const read = path === '/v1/messages' ? readAnthropicQuestion : readOpenAiQuestion;
    return hashOf(read(value, [model], []));
  } catch {
    // The route refuses it later, with the reason.
    return '';
  }
}
