import type { RouterWeights } from '@cogumi/contracts';
import type { Inspection, ModelInfo } from '@cogumi/llama';
import { answer, tokensOf } from './answer.ts';
import type { LoadedModel, LoadReport } from './models/load-model.ts';
import { ModelSupervisor } from './models/model-supervisor.ts';
import { checkTokens, textTokens } from './prompt-tokens.ts';
import { createRouter, type Router } from './routing/create-router.ts';
import type { Runtime, RuntimeOptions, Served, ServedModel } from './runtime.ts';
import { toolForm } from './tools/tool-form.ts';

/** What a runtime is made of. */
export interface Parts {
  readonly served: Served;
  readonly models: readonly ServedModel[];
  readonly notes?: readonly string[];
  readonly router: RouterWeights | null;
  /** Answers that are made side by side; default: the sequences of the model. */
  readonly parallel?: number;
  /**
   * Loads the model; the signal is aborted when the runtime is closed.
   *
   * @param onDecided - To be called when something was measured.
   */
  open(closed: AbortSignal, onDecided: () => void): Promise<LoadedModel>;
  readonly onDecided?: RuntimeOptions['onDecided'];
  /** Refuses a model that cannot be served. */
  check(info: ModelInfo): void;
}

/** Loads the model and keeps it loaded. @throws CogumiError ROUTER_SHAPE; as `open` and `check`; the signal's reason. */
export async function startRuntime(
  { served, models, notes = [], ...parts }: Parts,
  signal: AbortSignal | undefined,
): Promise<Runtime> {
  let load: LoadReport;
  const supervisor = new ModelSupervisor(async (closed) => {
    const { host, report } = await parts.open(closed, () => void tellDecided());
    load = report;
    return host;
  });
  const measured = (): Runtime['measured'] => {
    const { info: now } = supervisor;
    // A pass that failed may have turned mixing off since.
    const { mixing, speculation, unmeasured } = { ...now, ...supervisor.lastStatistics };
    return now && mixing && speculation && unmeasured
      ? { threads: now.threads, mixing, speculation, unmeasured }
      : null;
  };
  const tellDecided = async () => {
    await supervisor.statistics();
    const found = measured();
    if (found) parts.onDecided?.(found);
  };
  const stop = () => void supervisor.close();
  signal?.addEventListener('abort', stop, { once: true });
  let info: ModelInfo;
  let router: Router | null;
  try {
    ({ info } = await supervisor.start());
    parts.check(info);
    router = parts.router && createRouter(parts.router, info.hiddenSize);
  } catch (error) {
    await supervisor.close();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return {
    served,
    contextTokens: info.contextTokens,
    models,
    notes,
    get health() {
      return supervisor.health;
    },
    get parallel() {
      return parts.parallel ?? load.sequences;
    },
    get load() {
      return load;
    },
    get modelPid() {
      return supervisor.pid;
    },
    get measured() {
      return measured();
    },
    statistics: (waitMs) => supervisor.statistics(waitMs),
    get loads() {
      return supervisor.loads;
    },
    answer: async (request, signal) => answer(await supervisor.host(), router, request, signal),
    countTokens: async (request) => {
      const host = await supervisor.host();
      const form = request.tools && toolForm(host.info, request.tools);
      return (await tokensOf(host, request, form)).length;
    },
    embed: async (prompt, cacheSalt) => {
      const host = await supervisor.host();
      const tokens = await tokensOf(host, { prompt }, undefined);
      const [inspection] = await host.inspect([tokens], cacheSalt);
      const { mean } = inspection as Inspection;
      const length = Math.hypot(...mean);
      return { vector: mean.map((value) => (length === 0 ? 0 : value / length)), tokens: tokens.length };
    },
    tokenize: async (text, options) => textTokens(await supervisor.host(), text, options),
    detokenize: async (tokens) => {
      const host = await supervisor.host();
      return host.detokenize(checkTokens(host, tokens), { special: true });
    },
    close: () => supervisor.close(),
  };
}
