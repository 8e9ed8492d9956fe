import type { Message } from '@cogumi/contracts';
import type { EvalModel } from '@cogumi/evals';
import { chatTokens, type ModelHost } from '@cogumi/llama';
import { type Router, readMessage, routeConversation } from '@cogumi/runtime';

export interface RoutedModelOptions {
  readonly name: string;
  readonly host: ModelHost;
  readonly router: Router;
  /** `sha256:…` of the router. */
  readonly digest: string;
  /** The model of each route. */
  readonly routes: ReadonlyMap<string, EvalModel>;
}

/** What a bundle serves: each question goes to the route that its router chooses, as it does in the runtime. */
export function routedModel({ name, host, router, digest, routes }: RoutedModelOptions): EvalModel {
  const { together } = [...routes.values()][0] as EvalModel;
  const identities = [...routes].map(([route, { identity }]) => [route, JSON.stringify(identity)]);

  async function routeOf(messages: readonly Message[]): Promise<EvalModel> {
    const { route } = await routeConversation(router, messages, async ({ content }) => {
      return readMessage(host, router, await chatTokens(host, [{ role: 'user', content }]));
    });
    return routes.get(route) as EvalModel;
  }
  /** A text that is continued is routed as one message. */
  const routeOfText = (content: string) => routeOf([{ role: 'user', content }]);

  async function answerAll<Request>(
    requests: readonly Request[],
    choose: (request: Request) => Promise<EvalModel>,
    ask: (model: EvalModel, own: readonly Request[]) => Promise<string[]>,
    signal: AbortSignal,
  ): Promise<string[]> {
    const chosen: EvalModel[] = [];
    for (const request of requests) {
      signal.throwIfAborted();
      chosen.push(await choose(request));
    }
    const answers = new Map<number, string>();
    for (const model of new Set(chosen)) {
      const own = [...requests.keys()].filter((at) => chosen[at] === model);
      const texts = await ask(
        model,
        own.map((at) => requests[at] as Request),
      );
      for (const [place, at] of own.entries()) answers.set(at, texts[place] as string);
    }
    return requests.map((_, at) => answers.get(at) as string);
  }

  return {
    name,
    identity: { router: digest, ...Object.fromEntries(identities) },
    together,
    generate: (requests, signal) =>
      answerAll(
        requests,
        ({ prompt }) => routeOfText(prompt),
        (model, own) => model.generate(own, signal),
        signal,
      ),
    chat: (requests, signal) =>
      answerAll(
        requests,
        ({ messages }) => routeOf(messages),
        (model, own) => model.chat(own, signal),
        signal,
      ),
    logLikelihoods: async (request, signal) => (await routeOfText(request.context)).logLikelihoods(request, signal),
  };
}
