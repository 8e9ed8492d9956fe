import type { EvalModel } from '@cogumi/evals';
import { chatTokens, type ModelHost } from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';
import type { Router } from '@cogumi/runtime';

export interface RoutedModelOptions {
  readonly name: string;
  readonly host: ModelHost;
  readonly router: Router;
  /** `sha256:…` of the router. */
  readonly digest: string;
  /** The model of each route. */
  readonly routes: ReadonlyMap<string, EvalModel>;
}

/** What a bundle serves: each question goes to the route that its router chooses, as a text that is continued does in the runtime. */
export function routedModel({ name, host, router, digest, routes }: RoutedModelOptions): EvalModel {
  const { together } = [...routes.values()][0] as EvalModel;
  const identities = [...routes].map(([route, { identity }]) => [route, JSON.stringify(identity)]);

  async function routeOf(text: string): Promise<EvalModel> {
    const tokens = (await chatTokens(host, [{ role: 'user', content: text }])).slice(0, ROUTING_TOKENS);
    const [read] = await host.inspect([tokens]);
    if (!read) throw new RangeError('the model returned no inspection of a prompt');
    const { route } = router.route({ perplexity: read.perplexity, hidden: read.mean });
    return routes.get(route) as EvalModel;
  }

  return {
    name,
    identity: { router: digest, ...Object.fromEntries(identities) },
    together,
    async generate(requests, signal) {
      const answers = new Map<number, string>();
      const chosen: EvalModel[] = [];
      for (const { prompt } of requests) {
        signal.throwIfAborted();
        chosen.push(await routeOf(prompt));
      }
      for (const model of new Set(chosen)) {
        const own = [...requests.keys()].filter((at) => chosen[at] === model);
        const texts = await model.generate(
          own.map((at) => requests[at] as (typeof requests)[number]),
          signal,
        );
        for (const [place, at] of own.entries()) answers.set(at, texts[place] as string);
      }
      return requests.map((_, at) => answers.get(at) as string);
    },
    logLikelihoods: async (request, signal) => (await routeOf(request.context)).logLikelihoods(request, signal),
  };
}
