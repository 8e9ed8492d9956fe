import { CogumiError, type Message } from '@cogumi/contracts';
import type { ModelHost } from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';
import { choicePieces } from './choice-pieces.ts';
import { ContextLengthError, checkTokens, promptTokens, textTokens } from './prompt-tokens.ts';
import type { RouteDecision, Router } from './routing/create-router.ts';
import { readMessage } from './routing/read-message.ts';
import { routeConversation } from './routing/route-conversation.ts';
import type { Answer, AnswerRequest, Prompt } from './runtime.ts';
import { answerGrammar, chatWithCalls, type ToolForm, toolForm } from './tools/tool-form.ts';

/** Decides the route of a request and prepares its answer. @throws as `Runtime.answer`. */
export async function answer(
  host: ModelHost,
  router: Router | null,
  request: AnswerRequest,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { messages: _, prompt: __, route, choices = 1, format, tools, ...options } = request;
  const { contextTokens } = host.info;
  const form = tools && toolForm(host.info, tools);
  const tokens = await tokensOf(host, request, form);
  const left = contextTokens - tokens.length;
  if (left < 1) throw new ContextLengthError(`at least ${tokens.length} tokens`, contextTokens);
  const unknown = options.logitBias?.find(([token]) => token >= host.info.vocabularySize);
  if (unknown) {
    const last = host.info.vocabularySize - 1;
    throw new CogumiError(
      'LOGIT_BIAS',
      `There is no token ${unknown[0]}; the last is ${last}.`,
      'Use ids of this model.',
    );
  }
  signal?.throwIfAborted();

  const decision = await decide(host, router, request, tokens);
  signal?.throwIfAborted();
  const { maxTokens = left, seed = 0 } = options;
  const grammar = answerGrammar(format, tools, form);
  const generate = (choice: number, ended: AbortSignal | undefined) =>
    host.generate(
      {
        ...options,
        ...(grammar === undefined ? {} : { grammar }),
        prompt: tokens,
        adapter: decision.route === 'base' ? null : decision.route,
        maxTokens: Math.min(maxTokens, left),
        seed: seed + choice,
      },
      ended ? { signal: ended } : {},
    );
  const pieces = choicePieces(
    choices,
    (choice, ended) => (form ? form.read(generate(choice, ended)) : generate(choice, ended)),
    signal,
  );
  return { decision, promptTokens: tokens.length, pieces };
}

/** Tokens of a prompt, with the functions of a form. @throws ContextLengthError; CogumiError PROMPT_EMPTY, TOKEN_UNKNOWN. */
export async function tokensOf(
  host: ModelHost,
  request: Prompt,
  form: ToolForm | undefined,
): Promise<readonly number[]> {
  const { messages, prompt } = request;
  if (messages) {
    const chat = form ? form.chat(messages) : chatWithCalls(host.info, messages);
    return promptTokens(host, chat.messages, chat.tools);
  }
  const ids =
    typeof prompt === 'string'
      ? await textTokens(host, prompt, { special: true, addBos: true })
      : checkTokens(host, prompt);
  if (ids.length > 0) return ids;
  throw new CogumiError('PROMPT_EMPTY', 'The prompt has no tokens.', 'Send some text.');
}

/** What the router reads: for a text that is continued, its whole as one message. */
async function routedMessages(
  host: ModelHost,
  request: Prompt,
  tokens: readonly number[],
): Promise<readonly Message[]> {
  const { messages, prompt } = request;
  if (messages) return messages;
  const content =
    typeof prompt === 'string' ? prompt : await host.detokenize(tokens.slice(0, ROUTING_TOKENS), { special: false });
  return [{ role: 'user', content }];
}

async function decide(
  host: ModelHost,
  router: Router | null,
  request: Prompt & Pick<AnswerRequest, 'route' | 'cacheSalt'>,
  answered: readonly number[],
): Promise<RouteDecision> {
  const { route, cacheSalt } = request;
  const unrouted = { confidence: null, perplexity: null, scores: {} };
  if (route !== null) return { ...unrouted, route, reason: 'chosen' };
  if (!router) return { ...unrouted, route: 'base', reason: 'no-router' };
  const messages = await routedMessages(host, request, answered);
  return routeConversation(router, messages, async ({ content }) => {
    const tokens = await promptTokens(host, [{ role: 'user', content }]);
    return readMessage(host, router, tokens, { cacheSalt, answered });
  });
}
